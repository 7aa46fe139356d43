"""Clients are noted once a day, domain name and verdict, in lines that JSON reads."""

import json
from base64 import b64decode

from gatewright.core.reasons import CLIENT_CERT_EXPIRED
from gatewright.dataplane import seen_clients
from gatewright.dataplane.journal import FLUSH_SECONDS, Journal
from gatewright.dataplane.seen_clients import SeenClients

DAY = 86_400
NOW = 1_700_000_000.7


class Timers(list):
    """What `call_later` was asked."""

    def __call__(self, delay, call):
        self.append((delay, call))


def lines(folder):
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def make(folder):
    timers = Timers()
    journal = Journal(folder, 0)
    return SeenClients(journal, timers), journal, timers


def test_a_line_has_the_domain_the_certificate_the_day_and_the_refusal(tmp_path):
    seen, journal, timers = make(tmp_path)
    seen.note("api.example.com", b"\x30\x01", None, NOW)
    seen.note("*.example.com", b"\x30\x02", CLIENT_CERT_EXPIRED, NOW)
    assert [FLUSH_SECONDS] == [delay for delay, _ in timers]
    timers[0][1]()

    first, second = lines(tmp_path)
    assert {"domainName": "api.example.com", "seenAt": 1_700_000_000, "reason": None, "certificate": "MAE="} == first
    assert ("*.example.com", "CLIENT_CERT_EXPIRED", b"\x30\x02") == (
        second["domainName"],
        second["reason"],
        b64decode(second["certificate"]),
    )
    journal.close()


def test_a_client_is_noted_once_a_day_a_domain_and_whether_it_was_let_in(tmp_path):
    seen, journal, _ = make(tmp_path)
    for name, refusal, at in [
        ("a.example.com", None, NOW),
        ("a.example.com", None, NOW + DAY - 1),
        ("b.example.com", None, NOW),
        ("a.example.com", CLIENT_CERT_EXPIRED, NOW),
        ("a.example.com", None, NOW + DAY),
    ]:
        seen.note(name, b"one", refusal, at)
    journal.close()

    assert [("a", None, 0), ("b", None, 0), ("a", "CLIENT_CERT_EXPIRED", 0), ("a", None, 1)] == [
        (line["domainName"][0], line["reason"], (line["seenAt"] - int(NOW)) // DAY) for line in lines(tmp_path)
    ]


def test_what_is_remembered_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(seen_clients, "_MAX_NOTED", 2)
    seen, journal, _ = make(tmp_path)
    for certificate in (b"1", b"2", b"3", b"2", b"1"):
        seen.note("a.example.com", certificate, None, NOW)
    journal.close()

    assert [b"1", b"2", b"3", b"1"] == [b64decode(line["certificate"]) for line in lines(tmp_path)]


def test_clients_that_are_refused_do_not_drive_out_those_that_are_let_in(tmp_path, monkeypatch):
    monkeypatch.setattr(seen_clients, "_MAX_REFUSED_BYTES", 1_000)
    seen, journal, _ = make(tmp_path)
    seen.note("a.example.com", b"good", None, NOW)
    for number in range(100):
        seen.note("a.example.com", b"%d" % number, CLIENT_CERT_EXPIRED, NOW)
    seen.note("a.example.com", b"x" * 4_000, CLIENT_CERT_EXPIRED, NOW)
    seen.note("a.example.com", b"good too", None, NOW)
    seen.note("a.example.com", b"tomorrow", CLIENT_CERT_EXPIRED, NOW + DAY)
    journal.close()

    noted = [b64decode(line["certificate"]) for line in lines(tmp_path)]
    assert [b"good", *(b"%d" % number for number in range(6)), b"good too", b"tomorrow"] == noted
