"""While an operation that takes long changes something, others are answered; those that change something too wait."""

import asyncio
import threading

import pytest

from gatewright.controlplane import registry
from gatewright.controlplane.app import dispatch
from gatewright.controlplane.call import Lengthy
from gatewright.wire.http import HttpResponse
from support.control import ControlHarness

SECONDS = 10.0


@pytest.fixture
def lengthy():
    """CreateDeployment, which goes on until it is let go; and what ended, in order."""

    class Control:
        began, go_on, ended = threading.Event(), threading.Event(), []

    def freeze(_call, _params):
        Control.began.set()
        assert Control.go_on.wait(SECONDS)
        Control.ended.append("CreateDeployment")

    operations = {
        "CreateDeployment": Lengthy(freeze),
        "GetAccount": lambda _call, _params: Control.ended.append("GetAccount"),
        "UpdateAccount": lambda _call, _params: Control.ended.append("UpdateAccount"),
    }
    Control.harness = ControlHarness(operations={"apigateway": operations})
    return Control


def test_reading_calls_are_answered_and_writing_ones_wait(lengthy, monkeypatch):
    requests = []
    monkeypatch.setattr(
        lengthy.harness, "dispatch", lambda request: requests.append(request) or HttpResponse(200, [], b"{}")
    )
    client = lengthy.harness.client("apigateway")
    client.create_deployment(restApiId="abcdefghij")
    client.get_account()
    client.update_account()

    async def scenario():
        deploy, read, write = (dispatch(request, lengthy.harness.context) for request in requests)
        deploying = asyncio.create_task(deploy)
        assert await asyncio.to_thread(lengthy.began.wait, SECONDS)
        assert 200 == (await read).status
        writing = asyncio.create_task(write)
        await asyncio.sleep(0.02)
        assert ["GetAccount"] == lengthy.ended
        lengthy.go_on.set()
        assert [201, 200] == [answer.status for answer in await asyncio.gather(deploying, writing)]
        assert ["GetAccount", "CreateDeployment", "UpdateAccount"] == lengthy.ended

    asyncio.run(scenario())


def test_to_freeze_an_api_takes_long():
    assert isinstance(registry.OPERATIONS["apigateway"]["CreateDeployment"], Lengthy)
