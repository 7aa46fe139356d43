"""Log groups: those that users made, and those that appear when a worker first writes to them (facts 8.1).

A group that nobody made has a folder and no record; it gets one as soon as somebody sets something of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from gatewright.controlplane.call import Call
from gatewright.controlplane.logs.refusals import already_exists, does_not_exist, invalid_parameter
from gatewright.core.logs.log_group import LogGroupName, parse_log_group_arn
from gatewright.model.records import LogGroup, LogStream

#: M: of DescribeLogGroups; also what it gives unless told.
_LARGEST_PAGE: Final = 50
#: D: what retentionInDays may be.
RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
_SECONDS_A_DAY: Final = 86_400


class FoundGroup(NamedTuple):
    """A group that exists; `record` None: nobody made it and nothing is set of it."""

    name: LogGroupName
    record: LogGroup | None

    def kept_since(self, now: float) -> int:
        """The instant in milliseconds before which its events are forgotten."""
        days = None if self.record is None else self.record.retention_in_days
        return 0 if days is None else int((now - days * _SECONDS_A_DAY) * 1000)


def find_group(call: Call, params: Mapping[str, Any]) -> FoundGroup:
    """The group that `logGroupName` or `logGroupIdentifier` (a name or an ARN) means; refused when there is none."""
    given = params.get("logGroupName") or params.get("logGroupIdentifier")
    if given is None or ("logGroupName" in params and "logGroupIdentifier" in params):
        # U: the sentence.
        raise invalid_parameter("Exactly one of logGroupName and logGroupIdentifier must be specified.")
    if given.startswith("arn:"):
        return find_group_of_arn(call, given)
    return _find(call, LogGroupName(call.account, call.region, given))


def find_group_of_arn(call: Call, arn: str) -> FoundGroup:
    """The same for an ARN; a group of another account or region is not found."""
    name = parse_log_group_arn(arn)
    if name is None:
        raise invalid_parameter("The specified resource ARN is invalid.")  # U: the sentence
    if (name.account, name.region) != (call.account, call.region):
        raise does_not_exist("log group")
    return _find(call, name)


def _find(call: Call, name: LogGroupName) -> FoundGroup:
    record = call.transaction.get(LogGroup, *name)
    if record is None and not call.logs.exists(name):
        raise does_not_exist("log group")
    return FoundGroup(name, record)


def keep_record(call: Call, group: FoundGroup) -> LogGroup:
    """The group's record, made where it has none."""
    if group.record is not None:
        return group.record
    return LogGroup(*group.name, created_date=call.logs.created(group.name))


def create_log_group(call: Call, params: Mapping[str, Any]) -> None:
    """There is one more group; a group that appeared by itself exists too."""
    name = LogGroupName(call.account, call.region, params["logGroupName"])
    if params.get("kmsKeyId"):
        raise invalid_parameter("Gatewright has no KMS: log groups are not encrypted with a key of their own.")
    if params.get("logGroupClass", "STANDARD") != "STANDARD":
        raise invalid_parameter("Gatewright has log groups of the class STANDARD only.")
    if call.transaction.get(LogGroup, *name) is not None or call.logs.exists(name):
        raise already_exists("log group")
    protected = params.get("deletionProtectionEnabled") or False
    call.transaction.put(
        LogGroup(*name, created_date=call.now, tags=params.get("tags") or {}, deletion_protection_enabled=protected)
    )


def describe_log_groups(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The groups by name, a page of them."""
    prefix, pattern = params.get("logGroupNamePrefix", ""), params.get("logGroupNamePattern", "").lower()
    if prefix and pattern:
        raise invalid_parameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    limit = params.get("limit") or _LARGEST_PAGE
    found = {record.key[0]: record for record in call.transaction.list_under(LogGroup, call.account, call.region)}
    names = {*found, *(name.name for name in call.logs.groups(call.account, call.region))}
    wanted = params.get("logGroupIdentifiers")
    if wanted:
        bare = {(parse_log_group_arn(each) or LogGroupName("", "", each)).name for each in wanted}
        names &= bare
    after = params.get("nextToken", "")
    listed = sorted(
        name for name in names if name > after and name.startswith(prefix) and (not pattern or pattern in name.lower())
    )
    page = listed[:limit]
    groups = [FoundGroup(LogGroupName(call.account, call.region, name), found.get(name)) for name in page]
    return {
        "logGroups": [render_group(call, group) for group in groups],
        "nextToken": page[-1] if len(listed) > limit else None,
    }


def render_group(call: Call, group: FoundGroup) -> dict[str, Any]:
    """The members of `LogGroup`."""
    record = keep_record(call, group)
    return {
        "logGroupName": record.name,
        "creationTime": int(record.created_date * 1000),
        "retentionInDays": record.retention_in_days,
        "metricFilterCount": 0,
        "arn": f"{record.arn}:*",
        "logGroupArn": record.arn,
        "storedBytes": call.logs.size(group.name),
        "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": record.deletion_protection_enabled,
    }


def delete_log_group(call: Call, params: Mapping[str, Any]) -> None:
    """The group is gone with all its events. It appears anew when a stage that logs to it is called."""
    group = find_group(call, params)
    if group.record is not None:
        if group.record.deletion_protection_enabled:
            # U: the sentence.
            raise invalid_parameter("The specified log group has deletion protection enabled.")
        call.transaction.delete_under(LogStream, call.account, call.region, group.name.name)
        call.transaction.delete(group.record)
    call.logs.delete(group.name)


def put_retention_policy(call: Call, params: Mapping[str, Any]) -> None:
    """Events older than so many days are forgotten, at once for those who read, within the hour on disk."""
    group = find_group(call, params)
    days = params["retentionInDays"]
    if days not in RETENTION_DAYS:
        raise invalid_parameter(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(map(str, RETENTION_DAYS))}]"
        )
    call.transaction.put(replace(keep_record(call, group), retention_in_days=days))


def delete_retention_policy(call: Call, params: Mapping[str, Any]) -> None:
    """Events are kept as long as there is room for them."""
    group = find_group(call, params)
    call.transaction.put(replace(keep_record(call, group), retention_in_days=None))


def put_log_group_deletion_protection(call: Call, params: Mapping[str, Any]) -> None:
    """The group can, or cannot, be deleted."""
    group = find_group(call, {"logGroupIdentifier": params["logGroupIdentifier"]})
    enabled = params["deletionProtectionEnabled"]
    call.transaction.put(replace(keep_record(call, group), deletion_protection_enabled=enabled))
