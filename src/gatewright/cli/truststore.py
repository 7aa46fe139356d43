"""`gatewright truststore`: what the gateway would say of a truststore, and of a client that comes with a certificate."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.options import Refusal, data_dir_option
from gatewright.settings.storage import parse_data_dir

if TYPE_CHECKING:
    from gatewright.core.errors import GatewayError
    from gatewright.core.x509.client_chain import VerifiedClient
    from gatewright.core.x509.revocation import RevocationLists
    from gatewright.core.x509.truststore import Truststore

_file = click.Path(path_type=Path)
_json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object instead of text."
)
_crl_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--crl", "crls", type=_file, multiple=True, metavar="FILE", help="A revocation list, PEM or DER; may be repeated."
)


@click.group(short_help="Predict what mutual TLS says of a truststore or a client.")
def truststore() -> None:
    """Predict what the gateway says of a truststore, before it is uploaded, and of a client's certificate."""


@truststore.command(short_help="List a truststore's certificates and what is wrong with them.")
@click.argument("file", type=_file, metavar="FILE")
@_json_option
@click.pass_context
def lint(ctx: click.Context, file: Path, *, as_json: bool) -> None:
    """List each certificate of the truststore FILE, its end and the warnings that the domain name would show.

    Exit code 0 when nothing is wrong, 1 when a certificate is bad, 2 when FILE cannot be a truststore.
    """
    from gatewright.core.x509.truststore import find_truststore_warnings

    _warn_of_private_key(file)
    bundle, now = _read_truststore(file), datetime.now(UTC)
    warnings = find_truststore_warnings(bundle, now)
    entries: list[dict[str, Any]] = [
        {
            "subject": entry.facts.subject,
            "notAfter": _instant(entry.facts.not_after),
            "fingerprint": entry.facts.fingerprint,
            "selfSigned": entry.self_signed,
            "warnings": [warning.text for warning in found],
        }
        for entry, found in warnings.by_entry
    ]
    if as_json:
        broken = [str(block) for block in bundle.unreadable]
        click.echo(
            json.dumps({"certificates": entries, "unreadable": broken, "truststoreWarnings": warnings.texts}, indent=2)
        )
    else:
        for entry in entries:
            verdict = "bad " if entry["warnings"] else "good"
            click.echo(f"{verdict}  {entry['notAfter']}  {_printable(entry['subject'])}")
        if warnings.texts:
            click.echo("\nWarnings:")
            for text in warnings.texts:
                click.echo(f"  - {text}")
    ctx.exit(1 if warnings.texts else 0)


@truststore.command(short_help="Tell whether a client with that certificate would be let in.")
@click.argument("file", type=_file, metavar="FILE")
@click.option("--cert", "cert", type=_file, metavar="CLIENT", help="The client's certificate, PEM or DER.")
@click.option(
    "--impact", "impact", metavar="DOMAIN", help="Judge all clients that this domain name has let in lately instead."
)
@click.option(
    "--days", type=click.IntRange(1, 3_650), default=30, show_default=True, help="How far --impact looks back."
)
@_crl_option
@_json_option
@data_dir_option
@click.pass_context
def check(
    ctx: click.Context,
    file: Path,
    cert: Path | None,
    impact: str | None,
    days: int,
    crls: tuple[Path, ...],
    data_dir: str | None,
    *,
    as_json: bool,
) -> None:
    """Tell whether the gateway, with the truststore FILE, would let in a client that sends the certificate CLIENT.

    CLIENT may have further certificates after the client's own, as a client may send them; the truststore has to have
    the whole path to a root all the same. With --impact, those of the clients that DOMAIN has let in lately are named
    that FILE would refuse. Exit code 0 when the client, or each of them, would be let in, 1 when one would be refused,
    2 when it cannot be told.
    """
    if (cert is None) == (impact is None):
        raise Refusal("expected is either --cert CLIENT, or --impact DOMAIN.")
    _warn_of_private_key(file)
    bundle = _read_truststore(file)
    revocation = _read_revocation_lists(crls) if crls else None
    if cert is not None:
        report = _check_client(cert, bundle, revocation)
        lines, fine = _render_report(report), report["verdict"] == "allowed"
    else:
        folder = parse_data_dir(data_dir) / "logs" / "clients"
        report = _check_impact(str(impact), folder, days, bundle, revocation)
        lines, fine = _render_impact(report), not report["refused"]
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        for line in lines:
            click.echo(line)
    ctx.exit(0 if fine else 1)


def _check_client(cert: Path, bundle: Truststore, revocation: RevocationLists | None) -> dict[str, Any]:
    from gatewright.core.errors import GatewayError
    from gatewright.core.x509.client_chain import verify_client_chain

    _warn_of_private_key(cert)
    leaf, *sent = _read_client(cert)
    try:
        proof = verify_client_chain(leaf, bundle, datetime.now(UTC), sent=sent, revocation=revocation)
    except GatewayError as error:
        return _report_refusal(error)
    return _report_proof(proof)


def _check_impact(
    domain: str, folder: Path, days: int, bundle: Truststore, revocation: RevocationLists | None
) -> dict[str, Any]:
    from gatewright.cli.impact import judge_clients, read_seen_clients
    from gatewright.core.domains.hostname import parse_domain_name

    now = datetime.now(UTC)
    try:
        name = parse_domain_name(domain)
    except ValueError as error:
        raise Refusal(f"{domain} is no domain name. {error}") from None
    clients = read_seen_clients(folder, name, now - timedelta(days=days))
    if not clients:
        raise Refusal(
            f"{name} has let in no client with a certificate in the last {days} days, as far as {folder} tells: expected "
            "is the domain name as it was created; --data-dir names another installation."
        )
    found = list(judge_clients(clients, bundle, now, revocation))
    return {
        "domainName": name,
        "seen": len(found),
        "refused": [
            {
                "subject": each.subject,
                "lastSeen": f"{each.client.seen_at:%Y-%m-%d}",
                "fingerprint": sha256(each.client.certificate).hexdigest(),
                "code": each.fault.reason.code,
                "cause": each.fault.reason.summary.format_map(each.fault.facts),
            }
            for each in found
            if each.fault is not None
        ],
    }


def _render_impact(report: dict[str, Any]) -> list[str]:
    refused = report["refused"]
    return [
        f"{len(refused)} of the {report['seen']} clients that {report['domainName']} has let in lately would be refused.",
        *(
            f"refused   {each['lastSeen']}  {_printable(each['subject'])}: {_printable(each['cause'])}"
            for each in refused
        ),
    ]


def _report_proof(proof: VerifiedClient) -> dict[str, Any]:
    return {
        "verdict": "allowed",
        "path": [{"subject": each.subject, "notAfter": _instant(each.not_after)} for each in proof.path],
        "notAfter": _instant(proof.not_after),
    }


def _report_refusal(error: GatewayError) -> dict[str, Any]:
    reason, facts = error.reason, error.facts
    return {
        "verdict": "refused",
        "code": reason.code,
        "log": (reason.log or "").format_map(facts),
        "status": reason.status,
        "headers": {"x-amzn-ErrorType": error.error_type},
        "body": reason.spelling.value % json.dumps(error.message),
        "cause": reason.summary.format_map(facts),
        "remedy": reason.remedy.format_map(facts),
        "evidence": reason.evidence.value,
    }


def _render_report(report: dict[str, Any]) -> list[str]:
    if report["verdict"] == "allowed":
        return [
            "allowed   The client would be let in.",
            *(
                f"{'path' if place == 0 else '':10}{'  ' * place}{_printable(each['subject'])} (until {each['notAfter']})"
                for place, each in enumerate(report["path"])
            ),
            f"until     {report['notAfter']}",
        ]
    return [
        f"refused   {report['cause']}",
        f"log       {report['log']}",
        f"answer    {report['status']} {report['body']}",
        f"          x-amzn-ErrorType: {report['headers']['x-amzn-ErrorType']}",
        f"to mend   {report['remedy']}",
        f"known as  {report['evidence']}",
    ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path} cannot be read ({error.strerror}).") from None


def _read_truststore(path: Path) -> Truststore:
    from gatewright.core.x509.truststore import Truststore, TruststoreError

    try:
        return Truststore.from_pem(_read(path))
    except TruststoreError as error:
        raise Refusal(f"{path} cannot be a truststore: {error}") from None


def _read_client(path: Path) -> list[bytes]:
    """The client's certificate and what else it sends, as DER."""
    from gatewright.core.x509.pem import parse_pem_blocks

    data = _read(path)
    if b"-----BEGIN " not in data:
        return [data]
    blocks = [block for block in parse_pem_blocks(data) if not block.is_private_key]
    certificates = [block.content for block in blocks if block.label == "CERTIFICATE" and block.content is not None]
    if not certificates:
        raise Refusal(f"{path} has no certificate that can be read: expected is -----BEGIN CERTIFICATE-----.")
    return certificates


def _read_revocation_lists(paths: tuple[Path, ...]) -> RevocationLists:
    from gatewright.core.x509.revocation import RevocationListError, RevocationLists

    try:
        return RevocationLists.from_files([_read(path) for path in paths])
    except RevocationListError as error:
        raise Refusal(f"The revocation lists cannot be used: {error}") from None


def _warn_of_private_key(path: Path) -> None:
    """Say, on the error stream, that the file holds a secret; nothing of it is shown."""
    from gatewright.core.x509.pem import parse_pem_blocks

    if any(block.is_private_key for block in parse_pem_blocks(_read(path))):
        click.echo(
            f"Warning: {path} contains a private key, which is not needed here and is not shown. Keep it apart; if the "
            "file has been uploaded or handed on, make a new key.",
            err=True,
        )


def _printable(name: str) -> str:
    """A name as it can be shown on a terminal: whoever made the certificate chose its characters."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in name)


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
