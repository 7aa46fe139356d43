"""The commands that need no running gateway, run as a user runs them."""

import json
import subprocess
import sys
import sysconfig
import threading
import time
from importlib.metadata import version
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner

from gatewright.cli import main
from gatewright.cli.explain import find_record
from support.gateway import bare_environment
from support.stores import make_store


def run(*arguments, env=None):
    """In this process: quick, for what is refused before anything happens."""
    clean = dict.fromkeys((k for k in bare_environment() if k.startswith("GATEWRIGHT_")), "")
    return CliRunner(env={**clean, **(env or {})}).invoke(main, list(arguments))


def test_the_version_is_the_package_s():
    assert f"gatewright {version('gatewright')} (interpreted request path)\n" == run("--version").output


def test_help_lists_the_commands_in_the_order_in_which_they_are_needed():
    output = run("--help").output
    places = [output.index(f"\n  {name} ") for name in ("serve", "env", "ca", "account", "explain")]
    assert sorted(places) == places


@pytest.mark.parametrize("command", [["serve"], ["env"], ["ca"], ["account", "create"], ["explain"]])
def test_every_command_has_help_that_names_the_data_directory(command):
    result = run(*command, "--help")
    assert 0 == result.exit_code
    assert "--data-dir" in result.output
    assert "GATEWRIGHT_DATA_DIR" in result.output


def test_every_option_of_serve_has_its_variable():
    from gatewright.cli.serve import serve

    for option in serve.params:
        name = option.opts[0].removeprefix("--").replace("-", "_").upper()
        assert f"GATEWRIGHT_{name}" == option.envvar, option.opts


REFUSED = [
    (["serve", "--control", "nowhere"], {}, "--control: expected HOST:PORT"),
    (["serve"], {"GATEWRIGHT_HTTPS": "nowhere"}, "--https: expected HOST:PORT"),
    (["serve", "--auth", "lenient", "--https", "0.0.0.0:8443"], {}, "--https: expected a loopback address"),
    (["serve", "--database", "postgresql://db/gatewright"], {}, "which is not served yet"),
    (["serve", "--cache", "memcached://cache"], {}, "--cache: expected a URL of redis"),
    (["account", "create", "12345"], {}, "ID: expected the twelve digits of an account id, found '12345'"),
    (["env", "--data-dir", "/nonexistent"], {}, "there are no credentials in /nonexistent"),
    (["ca", "--data-dir", "/nonexistent"], {}, "/nonexistent/ca.pem cannot be read (No such file or directory)"),
    (
        ["account", "create", "111111111111", "--data-dir", "/nonexistent"],
        {},
        "there is no installation in /nonexistent",
    ),
    (["explain", "some-id", "--data-dir", "/nonexistent"], {}, "no request some-id is in the journal /nonexistent"),
]


@pytest.mark.parametrize(("arguments", "env", "sentence"), REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence_with_exit_code_2(arguments, env, sentence):
    result = run(*arguments, env=env)
    assert 2 == result.exit_code
    assert sentence in result.output


def test_env_is_quick_and_needs_nothing_of_the_planes(tmp_path):
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = AKIA1\naws_secret_access_key = secret\n")
    script = (
        "import sys; from gatewright.cli import main; main(sys.argv[1:], standalone_mode=False);"
        "print([m for m in ('sqlalchemy', 'botocore', 'cryptography', 'asyncio', 'ssl') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "env", "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=bare_environment(),
    )
    assert "[]" == done.stdout.splitlines()[-1]


def test_env_without_a_running_gateway_prints_the_configured_address_and_says_so(tmp_path):
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = AKIA1\naws_secret_access_key = se'cret\n")
    result = run("env", "--data-dir", str(tmp_path), env={"GATEWRIGHT_CONTROL": "127.0.0.1:4999"})
    assert 0 == result.exit_code
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:4999\n" in result.stdout
    assert """export AWS_SECRET_ACCESS_KEY='se'"'"'cret'\n""" in result.stdout
    assert f"# no gatewright serves {tmp_path} now" in result.stderr


def test_env_overrules_what_is_left_of_other_credentials_and_nothing_that_is_not_there(tmp_path):
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = AKIA1\naws_secret_access_key = secret\n")
    none = {"AWS_SESSION_TOKEN": None, "AWS_SECURITY_TOKEN": None, "AWS_REGION": None}
    left = {"AWS_SESSION_TOKEN": "of-other-credentials", "AWS_REGION": "eu-west-1"}
    plain = run("env", "--data-dir", str(tmp_path), env=none).stdout
    overruling = run("env", "--data-dir", str(tmp_path), env={**none, **left}).stdout
    assert 4 == plain.count("export ")
    assert plain + "export AWS_SESSION_TOKEN=''\nexport AWS_REGION=us-east-1\n" == overruling


def test_an_account_whose_credentials_cannot_be_kept_can_be_made_when_they_can(tmp_path):
    make_store(tmp_path).close()
    credentials = tmp_path / "credentials"
    credentials.write_text("no ini file")
    refused = run("account", "create", "1" * 12, "--data-dir", str(tmp_path))
    assert (2, True) == (refused.exit_code, "is not in the AWS ini form" in refused.stderr)
    credentials.unlink()
    made = run("account", "create", "1" * 12, "--data-dir", str(tmp_path))
    assert (0, True) == (made.exit_code, "export AWS_ACCESS_KEY_ID=AKIA" in made.stdout)
    assert "[111111111111]" in credentials.read_text()


def test_python_m_gatewright_is_the_command():
    done = subprocess.run([sys.executable, "-m", "gatewright", "--version"], capture_output=True, text=True, check=True)
    path = Path(sysconfig.get_path("purelib"), "gatewright", "core")
    state = "compiled" if list(path.glob("context.*.so")) else "interpreted"
    assert done.stdout.startswith("gatewright ")
    assert done.stdout.endswith(f" ({state} request path)\n")


@pytest.fixture
def journal(tmp_path):
    old, new = tmp_path / "worker-0-00000001.jsonl", tmp_path / "worker-1-00000002.jsonl"
    old.write_text("".join(json.dumps({"requestId": f"old-{n}", "path": "/new-1"}) + "\n" for n in range(3)))
    time.sleep(0.01)
    new.write_text(json.dumps({"requestId": "new-1", "path": "/"}) + '\n{"requestId":"half-')
    return tmp_path


@pytest.mark.parametrize(
    ("request_id", "path"), [("old-1", "/new-1"), ("new-1", "/"), ("half-", None), ("/new-1", None)]
)
def test_a_request_is_found_in_the_journal_by_its_id_alone(journal, request_id, path):
    record = find_record(journal, request_id)
    assert path == (None if record is None else record["path"])


def test_explain_waits_for_the_line_of_a_request_that_was_answered_just_now(tmp_path, monkeypatch):
    folder = tmp_path / "logs" / "requests"
    folder.mkdir(parents=True)
    written = threading.Timer(0.05, (folder / "worker-0-00000001.jsonl").write_text, ('{"requestId":"just-now"}\n',))
    shown = Mock(return_value=["what it met"])
    monkeypatch.setattr("gatewright.core.request_record.explain", shown)
    written.start()
    asked = run("explain", "just-now", "--data-dir", str(tmp_path))
    written.join()
    assert (0, "what it met\n") == (asked.exit_code, asked.stdout)
