"""TXT records for ACME's DNS-01 challenges (RFC 8555 section 8.4), for those who request certificates.

    place = put_challenge(transaction, installation, account, "www.example.com", value)
    …commit, announce, wait until is_published(reader, account, "www.example.com"), tell the ACME server…
    remove_challenge(transaction, installation, account, "www.example.com", value)

What it keeps to:

- The record lies in the account's hosted zone that covers the name, when the DNS answers for one; else on the DNS server
  that `--dns-update` names; else there is nowhere to put it.
- Values are added and taken away one by one: `example.com` and `*.example.com` have one record between them.
- Both work within the caller's transaction. The built-in DNS answers with what was committed at the latest when the
  commit has been announced (`Context.published`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gatewright.controlplane.call import Installation
from gatewright.controlplane.route53.outbox import note_change
from gatewright.controlplane.route53.zones import find_covering_zone
from gatewright.core.dns.name import Name, parse_name, spell_name
from gatewright.model.records import Challenge, DnsUpdate, HostedZone, ResourceRecordSet
from gatewright.store.port import Reader, Transaction

#: A validator asks anew each time, and whoever asks too early must not remember for long.
CHALLENGE_TTL: Final = 60


class NoPlaceForChallenge(Exception):
    """Nobody whom we can tell answers for the name; the text is a sentence for whoever asked for a certificate."""


def challenge_name(domain_name: str) -> str:
    """`_acme-challenge.example.com.` for `example.com` and for `*.example.com`."""
    return spell_name(_challenge_labels(domain_name))


def put_challenge(
    transaction: Transaction, installation: Installation, account: str, domain_name: str, value: str
) -> str:
    """The value is among the TXT records of the name, which is the result; raises `NoPlaceForChallenge`."""
    name = challenge_name(domain_name)
    text = f'"{value}"'
    zone = find_covering_zone(transaction, account, _challenge_labels(domain_name))
    if zone is not None:
        _refuse_elsewhere(transaction, zone, name)
        _put_in_zone(transaction, zone, name, text)
    elif installation.dns_updates:
        kept = transaction.get(Challenge, account, "", name)
        values = kept.values if kept is not None else ()
        transaction.put(Challenge(account, "", name, values if text in values else (*values, text)))
    else:
        raise NoPlaceForChallenge(
            f"{domain_name} is in no hosted zone of account {account}, and no DNS server is named by --dns-update; "
            "create a hosted zone for it, or name the server that answers for it."
        )
    note_change(transaction, installation, account, name, "TXT")
    return name


def remove_challenge(
    transaction: Transaction, installation: Installation, account: str, domain_name: str, value: str
) -> None:
    """The value is not among the TXT records of the name, whether or not it ever was."""
    name = challenge_name(domain_name)
    text = f'"{value}"'
    zone = find_covering_zone(transaction, account, _challenge_labels(domain_name))
    if zone is not None:
        _remove_from_zone(transaction, zone, name, text)
    kept = transaction.get(Challenge, account, "", name)
    if kept is not None:
        rest = tuple(each for each in kept.values if each != text)
        if rest:
            transaction.put(replace(kept, values=rest))
        else:
            transaction.delete(kept)
    note_change(transaction, installation, account, name, "TXT")


def is_published(reader: Reader, account: str, domain_name: str) -> bool:
    """True when the DNS server of `--dns-update`, if there is one, has been told of the name's last change."""
    probe = DnsUpdate(account, "", challenge_name(domain_name), "TXT")
    return reader.get(DnsUpdate, account, "", *probe.key) is None


def _challenge_labels(domain_name: str) -> Name:
    return (b"_acme-challenge", *parse_name(domain_name.removeprefix("*.")))


def _refuse_elsewhere(transaction: Transaction, zone: HostedZone, name: str) -> None:
    """A validator would not see a record beside a CNAME or below a delegation: it asks where those lead."""
    labels = parse_name(name)
    depth = len(parse_name(zone.name))
    above = [(spell_name(labels[start:]), "NS") for start in range(len(labels) - depth)]
    for ancestor, record_type in ((name, "CNAME"), *above):
        probe = ResourceRecordSet(zone.account, "", zone.id, ancestor, record_type)
        if transaction.get(ResourceRecordSet, zone.account, "", *probe.key) is not None:
            raise NoPlaceForChallenge(
                f"{name} cannot be answered for: the hosted zone {zone.name} has a {record_type} record set of "
                f"{ancestor}, which leads elsewhere; delete it, or have the certificate validated there."
            )


def _put_in_zone(transaction: Transaction, zone: HostedZone, name: str, text: str) -> None:
    wanted = ResourceRecordSet(zone.account, "", zone.id, name, "TXT", CHALLENGE_TTL, (text,))
    there = transaction.get(ResourceRecordSet, zone.account, "", *wanted.key)
    if there is None:
        transaction.put(wanted)
        transaction.put(replace(zone, record_set_count=zone.record_set_count + 1))
    elif text not in there.values:
        transaction.put(replace(there, values=(*there.values, text)))


def _remove_from_zone(transaction: Transaction, zone: HostedZone, name: str, text: str) -> None:
    probe = ResourceRecordSet(zone.account, "", zone.id, name, "TXT")
    there = transaction.get(ResourceRecordSet, zone.account, "", *probe.key)
    if there is None or text not in there.values:
        return
    rest = tuple(each for each in there.values if each != text)
    if rest:
        transaction.put(replace(there, values=rest))
    else:
        transaction.delete(there)
        transaction.put(replace(zone, record_set_count=zone.record_set_count - 1))
