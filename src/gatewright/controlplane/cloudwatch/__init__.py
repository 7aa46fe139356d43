"""CloudWatch: the metrics of APIs, their stages and their methods."""

from collections.abc import Mapping

from gatewright.controlplane.call import Operation
from gatewright.controlplane.cloudwatch.metric_data import get_metric_data
from gatewright.controlplane.cloudwatch.metric_listing import list_metrics
from gatewright.controlplane.cloudwatch.metric_statistics import get_metric_statistics
from gatewright.controlplane.cloudwatch.unimplemented import UNIMPLEMENTED

OPERATIONS: Mapping[str, Operation] = {
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "ListMetrics": list_metrics,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
