"""A log group's name, and the folder that holds its events: who writes and who reads agree on it here."""

from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

#: A folder's name has at most 255 bytes. Names of groups may have 512 characters; longer ones are known by their digest.
_MAX_FOLDER: Final = 200
_DIGEST: Final = "~"


class LogGroupName(NamedTuple):
    """A log group of one account and region."""

    account: str
    region: str
    name: str

    @property
    def folder(self) -> str:
        """Relative to the folder of all groups: `{account}/{region}/{name}`, with the slashes of the name escaped."""
        leaf = quote(self.name, safe="#")
        if leaf in {".", ".."} or leaf.startswith(_DIGEST) or len(leaf) > _MAX_FOLDER:
            leaf = _DIGEST + sha256(self.name.encode()).hexdigest()
        return f"{self.account}/{self.region}/{leaf}"


def parse_folder(account: str, region: str, leaf: str) -> LogGroupName | None:
    """The group that a folder belongs to; None where the folder does not tell it."""
    return None if leaf.startswith(_DIGEST) else LogGroupName(account, region, unquote(leaf))


def execution_group(account: str, region: str, api_id: str, stage: str) -> LogGroupName:
    """Where the execution log of a REST API's stage goes (facts 8.1)."""
    return LogGroupName(account, region, f"API-Gateway-Execution-Logs_{api_id}/{stage}")


def parse_log_group_arn(arn: str) -> LogGroupName | None:
    """`arn:aws:logs:{region}:{account}:log-group:{name}`, with or without `:*`; None for anything else."""
    parts = arn.split(":")
    if len(parts) not in {7, 8} or parts[2] != "logs" or parts[5] != "log-group" or parts[7:] not in ([], ["*"]):
        return None
    return LogGroupName(parts[4], parts[3], parts[6])


def stream_of_worker(group: LogGroupName, worker: int) -> str:
    """The log stream that one worker writes: 32 hexadecimal digits, as the service's are (facts 8.1)."""
    return sha256(f"{group.folder}#{worker}".encode()).hexdigest()[:32]
