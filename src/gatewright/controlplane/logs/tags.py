"""Tags of log groups, by ARN and in the older way by name."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.logs.groups import FoundGroup, find_group, find_group_of_arn, keep_record

#: D: tags of one resource.
_MAXIMUM_TAGS: Final = 50


def tag_resource(call: Call, params: Mapping[str, Any]) -> None:
    """The group has these tags, too."""
    _tag(call, find_group_of_arn(call, params["resourceArn"]), params["tags"])


def tag_log_group(call: Call, params: Mapping[str, Any]) -> None:
    """The same by name."""
    _tag(call, find_group(call, {"logGroupName": params["logGroupName"]}), params["tags"])


def untag_resource(call: Call, params: Mapping[str, Any]) -> None:
    """The group has these tags no longer."""
    _untag(call, find_group_of_arn(call, params["resourceArn"]), params["tagKeys"])


def untag_log_group(call: Call, params: Mapping[str, Any]) -> None:
    """The same by name."""
    _untag(call, find_group(call, {"logGroupName": params["logGroupName"]}), params["tags"])


def list_tags_for_resource(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The group's tags."""
    return _tags(find_group_of_arn(call, params["resourceArn"]))


def list_tags_log_group(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same by name."""
    return _tags(find_group(call, {"logGroupName": params["logGroupName"]}))


def _tag(call: Call, group: FoundGroup, tags: Mapping[str, str]) -> None:
    record = keep_record(call, group)
    merged = {**record.tags, **tags}
    if len(merged) > _MAXIMUM_TAGS:
        raise ServiceError("TooManyTagsException", f"A resource can have no more than {_MAXIMUM_TAGS} tags")  # U
    call.transaction.put(replace(record, tags=merged))


def _untag(call: Call, group: FoundGroup, keys: Iterable[str]) -> None:
    record = keep_record(call, group)
    gone = frozenset(keys)
    call.transaction.put(replace(record, tags={key: value for key, value in record.tags.items() if key not in gone}))


def _tags(group: FoundGroup) -> Mapping[str, Any]:
    return {"tags": dict(group.record.tags) if group.record else {}}
