"""A client of ACME directories (RFC 8555): one order from its names to its certificate, proven over DNS-01.

    account (7.3) → order (7.4) → authorizations: TXT records put, challenges answered, polled (7.5, 8.4)
    → finalized, polled, downloaded (7.4) → TXT records removed

JWS, nonces and the directory's documents are the library's work (certbot's `acme`); it is imported with
this module, which takes a fifth of a second, so only who has a directory configured should. What this module keeps to:

- It blocks, so it runs in a thread of its own; every wait has an end, and no order takes longer than `PATIENCE`.
- Nothing of an order is kept: RFC 8555 has authorizations outlive their order, so an order that was broken off is placed
  anew and finds done what was done.
- Whatever goes wrong is `OrderRefused` (asking again is useless) or `OrderDelayed` (asking later is not), with the
  directory's own words.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import requests
from acme import challenges, errors, messages
from acme.client import ClientNetwork, ClientV2
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from josepy.errors import DeserializationError
from josepy.jwa import ES256
from josepy.jwk import JWKEC

from gatewright.acme.directory import Directory, Zone
from gatewright.acme.problems import OrderDelayed, OrderRefused, judge_problem
from gatewright.acme.retry_after import parse_retry_after

#: An order at Let's Encrypt takes some ten seconds; validation from several places of the world may take thirty.
PATIENCE: Final = 120.0

#: Of one request. The library's own is 45 s; a directory that is silent for so long is not there.
REQUEST_SECONDS: Final = 20

#: In pairs. A refused nonce costs one round trip.
NONCE_TRIES: Final = 5

#: Between two looks at an authorization. RFC 8555 section 7.5.1 leaves it to the client where the server says nothing.
POLL_SECONDS: Final = 1.0

_USER_AGENT: Final = "gatewright"

# RFC 8555 section 7.4.2: the leaf first, each certificate after the one that it signs.
_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.DOTALL)


class Obtained(NamedTuple):
    """The certificate and its chain, in PEM."""

    certificate_pem: str
    chain_pem: str


def obtain_certificate(directory: Directory, account_key_pem: bytes, csr_pem: bytes, zone: Zone) -> Obtained:
    """The certificate for the names of the request; raises `OrderRefused` or `OrderDelayed`."""
    key = load_pem_private_key(account_key_pem, password=None)
    assert isinstance(key, EllipticCurvePrivateKey), "account keys are ECDSA P-256"
    network = _Network(JWKEC(key=key), alg=ES256, user_agent=_USER_AGENT, timeout=REQUEST_SECONDS)
    if directory.ca_file is not None:
        network.verify_ssl = str(directory.ca_file)  # type: ignore[assignment]  # requests takes a file as well
    last_response = _LastResponse()
    network.session.hooks["response"].append(last_response)
    try:
        return _Order(directory, network, zone).obtain(csr_pem)
    except messages.Error as problem:
        raise judge_problem(problem, last_response.retry_after()) from None
    except errors.IssuanceError as failed:
        raise judge_problem(failed.error) from None
    except (requests.RequestException, errors.Error, DeserializationError) as error:
        told = str(error) or type(error).__name__
        raise OrderDelayed(f"The directory {directory.url} cannot be used: {told}.") from None
    finally:
        network.session.close()


class _Order:
    """One order, from the directory's first answer on."""

    def __init__(self, directory: Directory, network: ClientNetwork, zone: Zone) -> None:
        self._directory = directory
        self._network = network
        self._zone = zone
        self._ends = time.monotonic() + PATIENCE

    def obtain(self, csr_pem: bytes) -> Obtained:
        client = ClientV2(ClientV2.get_directory(self._directory.url, self._network), self._network)
        self._enter(client)
        order = client.new_order(csr_pem)
        self._prove(client, order)
        deadline = datetime.now() + timedelta(seconds=self._left())  # noqa: DTZ005  the library compares with such
        order = client.finalize_order(order, deadline)
        leaf, *chain = _CERTIFICATE.findall(order.fullchain_pem or "") or [""]
        if not leaf:
            raise OrderDelayed("The directory's answer holds no certificate.")
        return Obtained(leaf, "".join(chain))

    def _enter(self, client: ClientV2) -> None:
        """The account is registered, now or before: the key is what makes it the same (section 7.3.1)."""
        registration = messages.NewRegistration.from_data(email=self._directory.contact, terms_of_service_agreed=True)
        try:
            client.new_account(registration)
        except errors.ConflictError as known:
            self._network.account = messages.RegistrationResource(body=messages.Registration(), uri=known.location)

    def _prove(self, client: ClientV2, order: messages.OrderResource) -> None:
        """Every authorization of the order is valid."""
        key = self._network.key
        assert key is not None, "the network was made with the account's key"
        pending = [each for each in order.authorizations if each.body.status != messages.STATUS_VALID]
        put: list[tuple[str, str]] = []
        try:
            # All records first: two names may have their record in one place, which a resolver then remembers whole.
            for authorization in pending:
                record = (authorization.body.identifier.value, _dns_challenge(authorization).chall.validation(key))
                put.append(record)
                self._zone.put(*record)
            for authorization in pending:
                challenge = _dns_challenge(authorization)
                if challenge.status == messages.STATUS_PENDING:
                    client.answer_challenge(challenge, challenge.response(key))
            for authorization in pending:
                self._await_validity(client, authorization)
        finally:
            for record in put:
                self._zone.remove(*record)

    def _await_validity(self, client: ClientV2, authorization: messages.AuthorizationResource) -> None:
        while True:
            authorization, response = client.poll(authorization)
            if authorization.body.status == messages.STATUS_VALID:
                return
            if authorization.body.status != messages.STATUS_PENDING:
                raise _why_invalid(authorization)
            until = client.retry_after(response, default=0)
            asked = (until - datetime.now()).total_seconds()  # noqa: DTZ005  as the library has it
            time.sleep(min(max(asked, POLL_SECONDS), self._left()))

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise OrderDelayed(f"The order was not done within {PATIENCE:.0f} seconds.")
        return left


class _Network(ClientNetwork):
    """The library sends a request again once when its nonce is refused; a directory behind several fronts may refuse more."""

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer; RFC 8555 section 6.5: a client should try again with the nonce that came with the refusal."""
        for _ in range(NONCE_TRIES):
            try:
                return super().post(*args, **kwargs)
            except messages.Error as problem:
                if problem.code != "badNonce":
                    raise
        return super().post(*args, **kwargs)


class _LastResponse:
    """A hook of the HTTP session: the library's errors do not tell when to come back."""

    def __init__(self) -> None:
        self._header: str | None = None

    def __call__(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._header = response.headers.get("Retry-After")

    def retry_after(self) -> float:
        """How many seconds the last answer asked to wait."""
        return parse_retry_after(self._header, time.time())


def _dns_challenge(authorization: messages.AuthorizationResource) -> messages.ChallengeBody:
    for challenge in authorization.body.challenges:
        if isinstance(challenge.chall, challenges.DNS01):
            return challenge
    name = authorization.body.identifier.value
    raise OrderRefused("DOMAIN_VALIDATION_DENIED", f"The directory does not let {name} be proven over DNS.")


def _why_invalid(authorization: messages.AuthorizationResource) -> OrderRefused | OrderDelayed:
    name = authorization.body.identifier.value
    for problem in _problems(authorization):
        return judge_problem(problem, name=name)
    return OrderDelayed(f"{name} could not be validated: its authorization is {authorization.body.status.name}.")


def _problems(authorization: messages.AuthorizationResource) -> Iterator[messages.Error]:
    for challenge in authorization.body.challenges:
        if challenge.error is not None:
            yield challenge.error
