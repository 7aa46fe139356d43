"""Every command in an article can be typed: who would run it parses it here."""

import re
import shlex
from pathlib import Path

import click
import pytest

from gatewright.cli import main
from gatewright.kb import find_article, list_articles
from gatewright.kb.placeholders import PLACEHOLDERS
from gatewright.model.patch import parse_patch_operations
from gatewright.model.patch_tables import (
    api_key,
    authorizer,
    base_path_mapping,
    domain_name,
    integration,
    method,
    rest_api,
    stage,
    usage,
    usage_plan,
)
from support.aws_cli import CommandLines
from support.shell_lines import split_commands

#: What a reader is asked to have beside the AWS CLI and Gatewright.
PROGRAMS = {
    *("aws", "gatewright", "openssl", "curl", "dig", "jq"),
    *("cat", "date", "eval", "grep", "sleep", "sort", "uniq", "wc"),
}
OPENSSL = {"s_client", "x509", "verify", "crl", "crl2pkcs7", "pkcs7", "asn1parse", "req"}

#: Words in capitals that are the command's own and stand for nothing.
LITERALS = {
    *(
        "GET",
        "POST",
        "OPTIONS",
        "API_KEY",
        "NONE",
        "AWS_IAM",
        "MOCK",
        "HTTP_PROXY",
        "DNS",
        "TLS_1_2",
        "REGIONAL",
        "EDGE",
    ),
    *(
        "UPSERT",
        "CNAME",
        "TTL",
        "CA",
        "TRUE",
        "SOA",
        "TXT",
        "CAA",
        "NS",
        "BASIC",
        "WHEN_NO_MATCH",
        "ERROR",
        "AVAILABLE",
    ),
    *("MISSING_AUTHENTICATION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SUBSTITUTED", "ASN1", "OID"),
    *(
        "PENDING_VALIDATION",
        "ISSUED",
        "EXPIRED",
        "FAILED",
        "RSA_2048",
        "RSA_4096",
        "DELETE",
        "HEAD",
        "PATCH",
        "PUT",
        "AWS",
    ),
    *("API-Gateway-Execution-Logs", "API", "DNSN", "ID"),
}
#: What a reader could put in the place of placeholders, where botocore wants a certain length.
SPECIMENS = {
    "CERTIFICATE_ARN": "arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012",
    "OWNERSHIP_ARN": "arn:aws:acm:us-east-1:000000000000:certificate/87654321-1234-1234-1234-123456789012",
    "ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "CALLER_ACCOUNT_ID": "999999999999",
    "ACCOUNT_ID": "123456789012",
}
PATCHED = {
    "UpdateApiKey": api_key,
    "UpdateBasePathMapping": base_path_mapping,
    "UpdateDomainName": domain_name,
    "UpdateIntegration": integration,
    "UpdateMethod": method,
    "UpdateRestApi": rest_api,
    "UpdateStage": stage,
    "UpdateUsage": usage,
    "UpdateAuthorizer": authorizer,
    "UpdateUsagePlan": usage_plan,
}

ARTICLES = list_articles()
EACH_ARTICLE = pytest.mark.parametrize("code", [article.code for article in ARTICLES])


def commands_of(code, folder):
    """The article's commands, its files lying in `folder`."""
    blocks = find_article(code).find_blocks()
    for block in blocks:
        if block.kind == "json":
            (folder / block.file).write_text(block.text)
    return [command for block in blocks if block.kind == "sh" for command in split_commands(block.text, folder)]


@pytest.fixture(scope="module")
def command_lines():
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield CommandLines(monkeypatch)


@EACH_ARTICLE
def test_an_article_asks_for_known_programs_only(code, tmp_path):
    for command in commands_of(code, tmp_path):
        assert command.words[0] in PROGRAMS, command
        if command.words[0] == "openssl":
            assert command.words[1] in OPENSSL, command


@EACH_ARTICLE
def test_the_aws_cli_takes_each_aws_command_and_botocore_its_parameters(code, tmp_path, monkeypatch, command_lines):
    commands = commands_of(code, tmp_path)
    monkeypatch.chdir(tmp_path)
    made = {command.output for command in commands if command.output}
    for command in commands:
        if command.words[0] == "aws":
            make_missing_files(command.words, made)
            check_call(command_lines.parse([fill_in(word) for word in command.words[1:]]), command, made)


def fill_in(word):
    for name, value in SPECIMENS.items():
        word = word.replace(name, value)
    return word


def make_missing_files(words, made):
    """Certificates, and files that an earlier command of the article writes, are there when the CLI reads them."""
    for word in words:
        scheme, _, name = word.partition("://")
        if scheme in {"file", "fileb"} and not Path(name).exists():
            assert scheme == "fileb" or name in made, (
                f"{name} is neither in the article nor made by one of its commands"
            )
            Path(name).write_text("{}")


def check_call(call, command, made):
    if call is None:
        assert command.words[1] in {"s3", "configure"}, command
        return
    if any(f"file://{name}" in command.words for name in made):
        return  # its content is the reader's; the CLI has found operation and parameter
    assert "" == call.find_mistakes(), command
    table = PATCHED.get(call.operation.name)
    if "patchOperations" in call.parameters and call.operation.service_model.service_name == "apigateway":
        for operation in parse_patch_operations(call.parameters["patchOperations"]):
            table.TABLE.find(operation)  # refuses a path or an operation that the resource does not have


@pytest.mark.parametrize("name", [name for name, word in PLACEHOLDERS.items() if word.command])
def test_what_finds_a_placeholder_s_value_is_a_command_too(name, command_lines):
    words = shlex.split(PLACEHOLDERS[name].command)
    assert "aws" == words[0]
    assert "" == command_lines.parse([fill_in(word) for word in words[1:]]).find_mistakes()


@EACH_ARTICLE
def test_gatewright_takes_each_of_its_commands(code, tmp_path, monkeypatch):
    monkeypatch.setattr(click.Command, "invoke", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    for command in commands_of(code, tmp_path):
        if command.words[0] == "gatewright":
            for word in command.words[1:]:
                if word.endswith((".pem", ".key", ".crl", ".log", ".txt")):
                    Path(word).touch()
            main(list(command.words[1:]), standalone_mode=False)


def test_a_command_that_gatewright_does_not_have_is_noticed(monkeypatch):
    monkeypatch.setattr(click.Command, "invoke", lambda *_: None)
    with pytest.raises(click.UsageError):
        main(["truststore", "check", "new.pem", "--impcat", "api.example.com"], standalone_mode=False)


def test_a_command_that_aws_does_not_have_is_noticed(command_lines):
    with pytest.raises(AssertionError, match="rest-api-di"):
        command_lines.parse(["apigateway", "get-resources", "--rest-api-id", "a", "--rest-api-di", "b"])
    mistakes = command_lines.parse(["apigateway", "get-rest-apis", "--limit", "5"]).find_mistakes()
    assert "" == mistakes


@EACH_ARTICLE
def test_every_word_that_stands_for_something_is_explained(code, tmp_path):
    for command in commands_of(code, tmp_path):
        text = re.sub(r"%\S+|\\\w|--(?:max-time|query) \S+", " ", " ".join(command.words))
        for word in re.findall(r"(?<![\w$])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*(?![\w-])", text):
            if len(word) > 2 and word not in LITERALS:
                assert word in PLACEHOLDERS, f"{word} in {command}"
        assert "<" not in text, command
        assert "…" not in text, command


def test_every_explained_word_is_used():
    used = {
        name for article in ARTICLES for block in article.find_blocks() for name in PLACEHOLDERS if name in block.text
    }
    assert set(PLACEHOLDERS) == used
