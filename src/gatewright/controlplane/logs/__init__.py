"""CloudWatch Logs: the log groups that stages write to, and users' own."""

from collections.abc import Mapping

from gatewright.controlplane.call import Operation
from gatewright.controlplane.logs.events import (
    filter_log_events,
    get_log_events,
)
from gatewright.controlplane.logs.groups import (
    create_log_group,
    delete_log_group,
    delete_retention_policy,
    describe_log_groups,
    put_log_group_deletion_protection,
    put_retention_policy,
)
from gatewright.controlplane.logs.put_events import (
    put_log_events,
)
from gatewright.controlplane.logs.streams import (
    create_log_stream,
    delete_log_stream,
    describe_log_streams,
)
from gatewright.controlplane.logs.tags import (
    list_tags_for_resource,
    list_tags_log_group,
    tag_log_group,
    tag_resource,
    untag_log_group,
    untag_resource,
)
from gatewright.controlplane.logs.unimplemented import UNIMPLEMENTED

OPERATIONS: Mapping[str, Operation] = {
    "CreateLogGroup": create_log_group,
    "CreateLogStream": create_log_stream,
    "DeleteLogGroup": delete_log_group,
    "DeleteLogStream": delete_log_stream,
    "DeleteRetentionPolicy": delete_retention_policy,
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "FilterLogEvents": filter_log_events,
    "GetLogEvents": get_log_events,
    "ListTagsForResource": list_tags_for_resource,
    "ListTagsLogGroup": list_tags_log_group,
    "PutLogEvents": put_log_events,
    "PutLogGroupDeletionProtection": put_log_group_deletion_protection,
    "PutRetentionPolicy": put_retention_policy,
    "TagLogGroup": tag_log_group,
    "TagResource": tag_resource,
    "UntagLogGroup": untag_log_group,
    "UntagResource": untag_resource,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
