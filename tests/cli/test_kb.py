"""`gatewright kb`, as a user types it."""

import json
import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gatewright.cli import main
from gatewright.kb import list_articles
from gatewright.kb.article import CATEGORIES


@pytest.fixture
def run(tmp_path):
    def typed(*words):
        return CliRunner(env={"GATEWRIGHT_DATA_DIR": str(tmp_path / "data")}).invoke(main, ["kb", *words])

    return typed


def test_the_list_has_every_article_by_category(run):
    output = run().output
    for title in CATEGORIES.values():
        assert title in output
    for article in list_articles():
        assert f"  {article.code} " in output


def test_help_shows_the_ways_to_ask(run):
    output = run("--help").output
    for word in ("gatewright kb CERT_NAME_MISMATCH", "search", "show", "helped", "--json", "GATEWRIGHT_DATA_DIR"):
        assert word in output


def test_the_list_as_json(run):
    groups = json.loads(run("--json").output)
    assert list(CATEGORIES) == [group["category"] for group in groups]
    assert len(list_articles()) == sum(len(group["articles"]) for group in groups)
    assert {"yes": 0, "no": 0} == groups[0]["articles"][0]["helped"]


def test_search_shows_the_likeliest_first(run):
    result = run("search", "429", "limit", "exceeded")
    assert 0 == result.exit_code
    assert "QUOTA_EXCEEDED: " in "".join(result.output.splitlines(keepends=True)[:4])
    assert "--all shows them." in result.output
    assert len(run("search", "--all", "429", "limit").output) > len(run("search", "429", "limit").output)


def test_words_that_are_no_command_are_searched_for(run):
    assert run("search", "certificate", "mismatch").output == run("certificate", "mismatch").output
    assert run("search", "--json", "certificate").output == run("certificate", "--json").output


def test_a_code_that_is_no_command_is_shown(run):
    assert run("show", "CERT_EXPIRED").output == run("CERT_EXPIRED").output == run("cert_expired").output


def test_nothing_found_is_exit_code_1(run):
    result = run("search", "xylophone")
    assert 1 == result.exit_code
    assert "No article speaks of that." in result.output
    assert [] == json.loads(run("search", "xylophone", "--json").output)


def test_options_may_stand_before_the_first_word(run, tmp_path):
    for words in (["CERT_EXPIRED"], ["certificate", "expired"], ["show", "CERT_EXPIRED"]):
        assert run(*words, "--json").output == run("--json", *words).output
    elsewhere = str(tmp_path / "elsewhere")
    run("--data-dir", elsewhere, "helped", "CERT_EXPIRED", "yes")
    assert {"yes": 1, "no": 0} == json.loads(run("--json", "--data-dir", elsewhere, "CERT_EXPIRED").output)["helped"]
    assert {"yes": 0, "no": 0} == json.loads(run("CERT_EXPIRED", "--json").output)["helped"]


def test_an_article_as_json_has_its_sections_and_placeholders(run):
    article = json.loads(run("show", "CERT_NAME_MISMATCH", "--json").output)
    assert "CERT_NAME_MISMATCH" == article["code"]
    assert ["Symptom", "Cause", "Look", "Mend", "Prevent", "Source"] == list(article["sections"])
    assert "CERTIFICATE_ARN" in [word["name"] for word in article["placeholders"]]


def test_an_unknown_code_names_the_nearest(run):
    result = run("show", "CERT_MISMATCH")
    assert 2 == result.exit_code
    assert "there is no article about 'CERT_MISMATCH'" in result.output
    assert "CERT_NAME_MISMATCH" in result.output


def test_what_helped_is_counted_and_shown_in_the_list(run):
    assert "CERT_EXPIRED: helped 1, did not help 0.\n" == run("helped", "cert_expired", "yes").output
    assert "CERT_EXPIRED: helped 1, did not help 1.\n" == run("helped", "CERT_EXPIRED", "no").output
    assert "The server certificate has expired  [helped 1, not 1]" in run().output
    assert {"yes": 1, "no": 1} == json.loads(run("show", "CERT_EXPIRED", "--json").output)["helped"]


def test_an_answer_for_a_covered_code_counts_for_its_article(run):
    assert run("helped", "CLIENT_CERT_EXPIRED", "yes").output.startswith("MTLS_EXPIRED: helped 1")


def test_an_answer_is_yes_or_no_and_about_an_article(run):
    assert 2 == run("helped", "CERT_EXPIRED", "maybe").exit_code
    assert 2 == run("helped", "NO_SUCH_CODE", "yes").exit_code


def test_a_data_directory_that_is_a_file_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    result = CliRunner().invoke(main, ["kb", "helped", "CERT_EXPIRED", "yes", "--data-dir", str(tmp_path / "file")])
    assert 2 == result.exit_code
    assert "the answer cannot be kept in" in result.output


def test_nothing_is_written_by_reading(run, tmp_path):
    run()
    run("show", "CERT_EXPIRED")
    run("search", "certificate", "--json")
    assert not (tmp_path / "data").exists()


def test_a_pipe_gets_plain_text_and_a_terminal_the_pager():
    command = [sys.executable, "-m", "gatewright", "kb", "CERT_EXPIRED"]
    environment = {**os.environ, "PAGER": "sed s/^/paged:/", "TERM": "xterm"}
    piped = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert piped.startswith("CERT_EXPIRED\nThe server certificate has expired\n")
    assert "\x1b" not in piped

    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while chunk := read_terminal(ours):
            shown += chunk
        assert 0 == process.wait()
    os.close(ours)
    assert b"paged:CERT_EXPIRED" in shown


def read_terminal(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux: the other side is closed
        return b""
