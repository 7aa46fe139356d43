"""Costly work of an operation happens before its transaction, off the event loop."""

import threading

import pytest

from gatewright.controlplane import registry
from gatewright.controlplane.call import Prepared
from gatewright.controlplane.errors import ServiceError
from support.control import ControlHarness


@pytest.fixture
def tag_with(tmp_path):
    """Answers AddTagsToCertificate with a prepared operation."""

    def tag_with(prepare):
        acm = {**registry.OPERATIONS["acm"], "AddTagsToCertificate": Prepared(prepare)}
        harness = ControlHarness(operations={**registry.OPERATIONS, "acm": acm})
        arn = "arn:aws:acm:us-east-1:000000000000:certificate/a"
        return lambda: harness.client("acm").add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "k"}])

    return tag_with


def test_it_is_prepared_in_another_thread_and_operates_in_this_one(tag_with):
    seen = []

    def prepare(params):
        seen.append((params["Tags"], threading.current_thread() is threading.main_thread()))

        def operate(call, params):
            seen.append((call.operation, threading.current_thread() is threading.main_thread()))

        return operate

    tag_with(prepare)()
    assert [([{"Key": "k"}], False), ("AddTagsToCertificate", True)] == seen


def test_what_the_preparation_refuses_is_refused(tag_with):
    def prepare(params):
        raise ServiceError("InvalidArnException", "No.")

    with pytest.raises(Exception, match=r"\(InvalidArnException\).*No\."):
        tag_with(prepare)()


def test_called_like_any_operation_it_does_both():
    assert {"of": "both"} == Prepared(lambda params: lambda call, params: params)(None, {"of": "both"})
