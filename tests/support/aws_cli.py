"""The AWS CLI's own parser, in this process and without a network: what a command line would have called, and with what."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from awscli.clidriver import CLIOperationCaller, create_clidriver
from awscli.customizations.configure.list import ConfigureListCommand
from awscli.customizations.s3.subcommands import MbCommand, PresignCommand, S3TransferCommand
from awscli.customizations.waiters import WaiterCaller
from botocore.model import OperationModel
from botocore.validate import ParamValidator


@dataclass(frozen=True)
class Call:
    """One modelled operation and its parameters as the CLI understood them."""

    operation: OperationModel
    parameters: dict[str, Any]

    def find_mistakes(self) -> str:
        """What botocore says of the parameters before it sends them; empty when it would send them."""
        if self.operation.input_shape is None:
            return ""
        return ParamValidator().validate(self.parameters, self.operation.input_shape).generate_report()


class CommandLines:
    """The CLI with everything that would leave the machine taken out. One is made for many lines."""

    def __init__(self, monkeypatch):
        for name in ("AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "unused")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        monkeypatch.setattr(CLIOperationCaller, "invoke", self._note)
        monkeypatch.setattr(WaiterCaller, "invoke", self._note)
        for command in (S3TransferCommand, MbCommand, PresignCommand, ConfigureListCommand):
            monkeypatch.setattr(command, "_run_main", lambda *_: 0)
        self._driver = create_clidriver()
        self._calls: list[Call] = []

    def parse(self, words: Sequence[str]) -> Call | None:
        """The call that `aws WORDS` would make; None for a command of the CLI's own, such as `s3 cp`."""
        self._calls.clear()
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            try:
                code = self._driver.main(list(words))
            except SystemExit as end:
                code = end.code
        assert 0 == code, f"aws {' '.join(words)}: {said.getvalue().strip()[-400:]}"
        return self._calls[0] if self._calls else None

    def _note(self, service_name, operation_name, parameters, _globals):
        model = self._driver.session.get_service_model(service_name)
        self._calls.append(Call(model.operation_model(operation_name), parameters))
        return 0
