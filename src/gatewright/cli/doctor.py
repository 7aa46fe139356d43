"""`gatewright doctor`: what is wrong between a client and an API, and what mends it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gatewright.cli.options import Refusal, data_dir_option
from gatewright.settings.storage import parse_data_dir

if TYPE_CHECKING:
    from gatewright.doctor.diagnose import Surroundings
    from gatewright.doctor.examine import Diagnosis
    from gatewright.doctor.question import Question

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_EXIT: Final = {"ok": 0, "problem": 1, "unknown": 2}


@dataclass(frozen=True)
class _Options:
    """The options as they were given."""

    resolver: str | None
    address: str | None
    cacert: Path | None
    cert: Path | None
    key: Path | None
    endpoint_url: str | None
    profile: str | None
    region: str | None
    data_dir: str | None


@click.command(short_help="Tell what is wrong between a client and an API, and what mends it.")
@click.argument("target", metavar="TARGET", required=False)
@click.option("--resolver", metavar="HOST:PORT", help="Ask this DNS server instead of the machine's own.")
@click.option("--address", metavar="HOST:PORT", help="Connect there instead of where the DNS leads.")
@click.option("--cacert", type=_file, metavar="FILE", help="The client's roots, PEM, instead of the public ones.")
@click.option("--cert", type=_file, metavar="FILE", help="The client's certificate (and what it sends with it), PEM.")
@click.option("--key", type=_file, metavar="FILE", help="The key of --cert, PEM.")
@click.option("-X", "--method", metavar="METHOD", help="The request's method.  [default: GET, or that of --request]")
@click.option("-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--endpoint-url", metavar="URL", help="Where the AWS APIs are.")
@click.option("--profile", metavar="NAME", help="A profile of the AWS configuration: the real endpoints, or its own.")
@click.option("--region", metavar="NAME", help="The region whose APIs are asked.")
@click.option("--log", type=_file, metavar="FILE", help="An execution log to look for the cause in.")
@click.option("--request", "raw", type=_file, metavar="FILE", help="The request as it was captured, HTTP/1.1.")
@click.option("--fix", is_flag=True, help="Offer each remedy's commands, and run them after a yes.")
@click.option("--json", "as_json", is_flag=True, help="Print the JSON report instead of text.")
@click.option("--iam-policy", is_flag=True, help="Print the least IAM policy for a diagnosis, and end.")
@data_dir_option
@click.pass_context
def doctor(
    ctx: click.Context,
    target: str | None,
    resolver: str | None,
    address: str | None,
    cacert: Path | None,
    cert: Path | None,
    key: Path | None,
    method: str | None,
    headers: tuple[str, ...],
    endpoint_url: str | None,
    profile: str | None,
    region: str | None,
    log: Path | None,
    raw: Path | None,
    data_dir: str | None,
    *,
    fix: bool,
    as_json: bool,
    iam_policy: bool,
) -> None:
    """Tell what is wrong with TARGET: a URL, a host name, a domain name, a request id or an error message.

    It asks the AWS APIs of the environment (--profile, --endpoint-url), the DNS, and the endpoint itself, and changes
    nothing. Exit code 0: healthy, 1: a problem was found, 2: it could not be told.
    """
    if iam_policy:
        from gatewright.doctor.iam_policy import render_policy

        click.echo(render_policy())
        return
    from gatewright.doctor.commands import addressed
    from gatewright.doctor.diagnose import gather
    from gatewright.doctor.examine import examine
    from gatewright.doctor.reports.json import render_json
    from gatewright.doctor.reports.text import render_text

    if target is None and log is None:
        raise Refusal("expected is a TARGET: a URL, a host name, a request id or an error message.")
    if (cert is None) != (key is None):
        raise Refusal("--cert and --key belong together.")
    _check_files(cacert, cert, key)
    options = _Options(resolver, address, cacert, cert, key, endpoint_url, profile, region, data_dir)
    question, body = _ask(target or str(log), method, headers, raw, cert, log)
    from botocore.exceptions import BotoCoreError

    try:
        around, environment = _surroundings(options)
    except BotoCoreError as error:  # no such profile, or a configuration file that cannot be read
        raise Refusal(f"{error}.") from None
    evidence = gather(question, replace(around, body=body))
    record = _find_record(question, options, log)
    diagnosis = examine(replace(evidence, record=record) if record is not None else evidence)
    flags = [word for name, value in (("--profile", profile), ("--endpoint-url", endpoint_url), ("--region", region))
             if value for word in (name, value)]  # fmt: skip

    def complete(command: str) -> str:
        return addressed(command, flags)

    if as_json:
        click.echo(render_json(question.target, diagnosis, complete))
    else:
        for line in render_text(evidence, diagnosis, complete):
            click.echo(line)
    if fix:
        _offer(diagnosis, [*flags], environment)
    ctx.exit(_EXIT[diagnosis.verdict])


def _check_files(cacert: Path | None, cert: Path | None, key: Path | None) -> None:
    """What cannot be used is refused before anything is asked."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if cacert is not None:
            context.load_verify_locations(cacert)
    except ssl.SSLError:
        raise Refusal(f"{cacert} has no certificate: roots in PEM are expected.") from None
    try:
        if cert is not None and key is not None:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")  # a weak one is for the gateway to refuse
            context.load_cert_chain(cert, key, password="")  # a key with a passphrase is refused, not asked about
    except ssl.SSLError as error:
        raise Refusal(f"--cert {cert} and --key {key} cannot be used together: {error.reason or error}.") from None


def _ask(
    target: str, method: str | None, headers: tuple[str, ...], raw: Path | None, cert: Path | None, log: Path | None
) -> tuple[Question, bytes]:
    from gatewright.doctor.question import Kind, Question, QuestionError, parse_question

    given: dict[str, str] = {}
    captured, body, path = "GET", b"", None
    if raw is not None:
        captured, path, given, body = _read_request(raw)
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon:
            raise Refusal(f"-H {header!r} is no header: 'Name: value' is expected.")
        given = {each: held for each, held in given.items() if each.lower() != name.strip().lower()}
        given[name.strip()] = value.strip()
    try:
        question = (
            Question(target, Kind.ERROR)
            if log is not None
            else parse_question(target, method=method or captured, headers=given)
        )
    except QuestionError as error:
        raise Refusal(str(error)) from None
    if path is not None:
        path, _, query = path.partition("?")
        digest = sha256(body).hexdigest() if body else None
        question = replace(question, path=path, query=query, body_sha256=digest, asks_for_resource=True)
    if cert is not None:
        question = replace(question, client_certificate=_read_certificates(cert))
    return question, body


def _read_request(path: Path) -> tuple[str, str, dict[str, str], bytes]:
    """Method, target, headers and body of a captured request; its framing is made anew."""
    head, _, body = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("latin-1").splitlines() or [""]
    words = first.split()
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise Refusal(f"{path} does not begin like a request: 'GET /path HTTP/1.1' is expected.")
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    framing = ("connection", "content-length", "transfer-encoding", "keep-alive")
    return words[0], words[1], {name: value for name, value in fields.items() if name.lower() not in framing}, body


def _read_certificates(path: Path) -> tuple[str, ...]:
    from gatewright.core.x509.certificate import CertificateError, CertificateFacts
    from gatewright.core.x509.pem import parse_pem_blocks

    blocks = [each for each in parse_pem_blocks(path.read_bytes()) if each.label == "CERTIFICATE" and each.content]
    try:
        found = tuple(CertificateFacts.from_der(each.content or b"").pem for each in blocks)
    except CertificateError as error:
        raise Refusal(f"{path}: {error}") from None
    if not found:
        raise Refusal(f"{path} has no certificate: -----BEGIN CERTIFICATE----- is expected.")
    return found


def _surroundings(options: _Options) -> tuple[Surroundings, dict[str, str]]:
    """Where to ask: as the options say, then as the AWS environment does, then the installation of this machine."""
    import botocore.session
    import certifi

    from gatewright.app.credentials_file import CredentialsUnreadable, read_credentials
    from gatewright.app.serving import read_serving
    from gatewright.doctor.diagnose import HTTPS_PORT, Surroundings
    from gatewright.doctor.probes.api import AwsApi
    from gatewright.doctor.probes.connection import ClientFiles, Trust
    from gatewright.doctor.probes.name import find_servers

    data = parse_data_dir(options.data_dir)
    serving = read_serving(data)
    environment = dict(os.environ)
    endpoint = options.endpoint_url or (None if options.profile else os.environ.get("AWS_ENDPOINT_URL"))
    said = (
        options.profile
        or endpoint
        or any(os.environ.get(name) for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"))
    )
    session = botocore.session.Session(profile=options.profile)
    if not said and serving is not None:
        try:
            pair = read_credentials(data / "credentials")
        except CredentialsUnreadable as error:
            raise Refusal(f"{error}.") from None
        if pair is not None:
            endpoint = serving.control
            session.set_credentials(pair.access_key_id, pair.secret_access_key)
            environment |= {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": pair.access_key_id,
                "AWS_SECRET_ACCESS_KEY": pair.secret_access_key,
                "AWS_DEFAULT_REGION": serving.region,
            }
    ours = serving if serving is not None and endpoint is not None and endpoint.rstrip("/") == serving.control else None
    region = options.region or session.get_config_variable("region") or (ours.region if ours else "us-east-1")
    roots = [str(options.cacert)] if options.cacert else [certifi.where()]
    if ours is not None and not options.cacert and (data / "ca.pem").is_file():
        roots.append(str(data / "ca.pem"))
    try:
        servers = find_servers(options.resolver) if options.resolver else None
        place = find_servers(options.address)[0] if options.address else None
        if servers is None and ours is not None and ours.dns:
            servers = find_servers(ours.dns)
    except (ValueError, OSError) as error:
        raise Refusal(f"--resolver or --address is not HOST:PORT: {error}.") from None

    def progress(step: str, text: str) -> None:
        if sys.stderr.isatty():  # a file or a pipe wants the report alone
            click.echo(f"{step:8} {text}", err=True)

    client = ClientFiles(str(options.cert), str(options.key)) if options.cert and options.key else None
    port = int(ours.https.rpartition(":")[2].rstrip("/")) if ours else HTTPS_PORT
    return Surroundings(
        datetime.now(UTC).replace(microsecond=0),
        AwsApi(session, region, endpoint),
        Trust(tuple(roots), own=options.cacert is not None),
        servers,
        own_resolvers_too=options.resolver is None,
        place=place,
        https_port=port,
        client=client,
        progress=progress,
    ), environment


def _find_record(question: Question, options: _Options, log: Path | None) -> Mapping[str, str] | None:
    """The refusal that a request id, a pasted error or an execution log tells of."""
    from gatewright.doctor.question import Kind
    from gatewright.doctor.recorded import find_cause_in_text, read_refusal

    if log is not None:
        return find_cause_in_text(log.read_text(errors="replace")) or {"message": f"nothing in {log} that is known"}
    if question.kind == Kind.ERROR:
        return find_cause_in_text(question.error) or {"message": question.error}
    if question.kind != Kind.REQUEST_ID:
        return None
    from gatewright.cli.explain import wait_for_record

    folder = parse_data_dir(options.data_dir) / "logs" / "requests"
    record = wait_for_record(folder, question.target.strip())
    if record is None:
        raise Refusal(f"no request {question.target} is in the journal {folder}; the oldest requests are forgotten.")
    return read_refusal(record)


def _offer(diagnosis: Diagnosis, flags: list[str], environment: Mapping[str, str]) -> None:
    """Each remedy's commands, run one after the other in one shell after a yes."""
    from gatewright.doctor.commands import addressed
    from gatewright.doctor.finding import Outcome

    for finding in diagnosis.findings:
        if not finding.remedy.commands or finding.outcome not in (Outcome.PROBLEM, Outcome.WARNING):
            continue
        commands = [addressed(command, flags) for command in finding.remedy.commands]
        click.echo(f"\n{finding.code}: these commands would be run:", err=True)
        for command in commands:
            click.echo(f"  {command}", err=True)
        if not click.confirm("Run them?", default=False, err=True):
            continue
        script = "\n".join(("set -e", *commands))
        done = subprocess.run(["/bin/sh", "-c", script], env=dict(environment), check=False)  # noqa: S603  the user said yes
        click.echo("done" if done.returncode == 0 else f"ended with exit code {done.returncode}", err=True)
