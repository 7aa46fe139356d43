"""The real dispatcher with real botocore clients in front of it, in one process and without a socket.

    harness = ControlHarness(tmp_path)
    harness.client("apigateway").create_rest_api(name="pets")

Every call is signed by botocore, travels as an HTTP request into `dispatch`, and its answer is parsed by botocore. What is
not deterministic is fixed: instants (`harness.now`, moved by `advance`), identifiers (a seeded generator). Since botocore
signs with the clock of the machine, the clock check is off unless `skew` is given.
"""

import asyncio
import os
import random
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials

from gatewright.controlplane.app import Context, dispatch
from gatewright.controlplane.authenticate import Admission
from gatewright.controlplane.call import Installation
from gatewright.model.records import AccessKeyRecord
from gatewright.wire.http import HttpRequest, HttpResponse
from gatewright.wire.services import SERVED

ACCOUNT = "000000000000"
OTHER_ACCOUNT = "111111111111"
REGION = "us-east-1"
SUFFIX = "gateway.localhost"
_HOST = "localhost:4566"
ENDPOINT = f"http://{_HOST}"
START = 1_700_000_000.0

# Access key id and secret of each account's root.
ROOT_KEYS = {
    ACCOUNT: ("AKIAROOTROOTROOTROOT", "the/secret+of/the+default/account/000000"),
    OTHER_ACCOUNT: ("AKIAOTHEROTHEROTHER1", "the/secret+of/the+other/account/00000000"),
}

# One session for all clients: it remembers the service models, whose loading costs more than a call.
_SESSION = botocore.session.Session()
_SESSION.set_config_variable("config_file", os.devnull)
_SESSION.set_config_variable("credentials_file", os.devnull)

_ANY_CLOCK = timedelta(days=100 * 365)


class ControlHarness:
    def __init__(
        self, folder: Path | None = None, *, store=None, lenient=False, skew=_ANY_CLOCK, seed=0, **context
    ) -> None:
        self.store = store or _make_store(folder)
        self.now = START
        self.published: list[int] = []
        self._random = random.Random(seed)
        installation = Installation(SUFFIX, REGION, ACCOUNT)
        self.context = Context(
            **{
                "store": self.store,
                "installation": installation,
                "now": lambda: self.now,
                "random_text": self.random_text,
                "admission": Admission(self.store, installation, lenient=lenient, skew=skew),
                "published": self._note_published,
                **context,
            }
        )
        with self.store.transaction() as transaction:
            for account, (key, secret) in ROOT_KEYS.items():
                record = AccessKeyRecord(account, "", key, f"arn:aws:iam::{account}:root", account, START)
                transaction.put(record)
                transaction.put_secret(record.secret_name, secret.encode())

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def random_text(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))

    async def _note_published(self, revision: int) -> None:
        self.published.append(revision)

    def dispatch(self, request: HttpRequest) -> HttpResponse:
        return asyncio.run(dispatch(request, self.context))

    def client(
        self,
        service: str,
        *,
        region=REGION,
        account=ACCOUNT,
        key=None,
        secret=None,
        validate=True,
        endpoint=ENDPOINT,
        **config,
    ):
        """A botocore client (what `boto3.client` returns); `validate=False` sends what the client's model forbids.

        `config` is what botocore's `Config` has to be told besides.
        """
        known_key, known_secret = ROOT_KEYS[account]
        client = _SESSION.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id=key or known_key,
            aws_secret_access_key=secret or known_secret,
            config=Config(
                **{
                    "retries": {"total_max_attempts": 1},
                    "parameter_validation": validate,
                    "s3": {"addressing_style": "path"},
                    **config,
                }
            ),
        )
        client.meta.events.register("before-send", self._send)
        return client

    def raw(
        self, method: str, path: str, *, headers=None, body=b"", sign=None, region=REGION, account=ACCOUNT
    ) -> HttpResponse:
        """What comes back for a request that no client would make; `sign` names the service to sign it for."""
        request = AWSRequest(method, ENDPOINT + path, headers=headers or {}, data=body)
        if sign is not None:
            SigV4Auth(Credentials(*ROOT_KEYS[account]), SERVED[sign].signing_name, region).add_auth(request)
        target, _, query = path.partition("?")
        return self.dispatch(HttpRequest(method, target, query, _fold(request.headers, _HOST), body))

    def _send(self, request, **_) -> AWSResponse:
        url = urlsplit(request.url)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
        headers = _fold(request.headers, url.netloc)
        answer = self.dispatch(HttpRequest(request.method, url.path or "/", url.query, headers, body))
        return AWSResponse(request.url, answer.status, dict(answer.headers), _Body(answer.body))


class _Body(BytesIO):
    """What botocore takes for urllib3's response."""

    def stream(self, **_):
        yield self.read()


def _fold(headers, host) -> dict[str, str]:
    folded = {"host": host}
    for name, value in headers.items():
        folded[name.lower()] = value.decode() if isinstance(value, bytes) else value
    return folded


def _make_store(folder: Path | None):
    if folder is None:
        from support.memory_store import MemoryStore

        return MemoryStore()
    from support.stores import make_store

    return make_store(folder)
