"""What CloudWatch does not answer here, and why."""

from collections.abc import Mapping

_ALARMS = "nothing is watched: Prometheus raises alarms on /_gatewright/metrics"
_ANOMALIES = "nothing looks for anomalies"
_DASHBOARDS = "there are no dashboards: whatever draws CloudWatch's or Prometheus' metrics may draw these"
_DATASETS = "there are no datasets beside the metrics"
_ENRICHMENT = "metrics are not enriched"
_INSIGHTS = "there are no rules of Contributor Insights"
_QUERIES = "queries are not kept: GetMetricData takes them"
_RESOURCES = "API Gateway's metrics are configured by the method settings of a stage"
_STREAMS = "metrics stay here: Prometheus fetches them from /_gatewright/metrics"
_TAGS = "metrics have no tags, and there is nothing else to tag"

UNIMPLEMENTED: Mapping[str, str] = {
    "AssociateDatasetKmsKey": _DATASETS,
    "CreateResourceMetricsConfiguration": _RESOURCES,
    "DeleteAlarmMuteRule": _ALARMS,
    "DeleteAlarms": _ALARMS,
    "DeleteAnomalyDetector": _ANOMALIES,
    "DeleteDashboards": _DASHBOARDS,
    "DeleteInsightRules": _INSIGHTS,
    "DeleteMetricDataQueryDefinition": _QUERIES,
    "DeleteMetricStream": _STREAMS,
    "DeleteResourceMetricsConfiguration": _RESOURCES,
    "DescribeAlarmContributors": _ALARMS,
    "DescribeAlarmHistory": _ALARMS,
    "DescribeAlarms": _ALARMS,
    "DescribeAlarmsForMetric": _ALARMS,
    "DescribeAnomalyDetectors": _ANOMALIES,
    "DescribeInsightRules": _INSIGHTS,
    "DisableAlarmActions": _ALARMS,
    "DisableInsightRules": _INSIGHTS,
    "DisassociateDatasetKmsKey": _DATASETS,
    "EnableAlarmActions": _ALARMS,
    "EnableInsightRules": _INSIGHTS,
    "GetAlarmMuteRule": _ALARMS,
    "GetDashboard": _DASHBOARDS,
    "GetDataset": _DATASETS,
    "GetInsightRuleReport": _INSIGHTS,
    "GetMetricDataQueryDefinition": _QUERIES,
    "GetMetricStream": _STREAMS,
    "GetMetricWidgetImage": _DASHBOARDS,
    "GetOTelEnrichment": _ENRICHMENT,
    "GetResourceMetricsConfiguration": _RESOURCES,
    "ListAlarmMuteRules": _ALARMS,
    "ListDashboards": _DASHBOARDS,
    "ListManagedInsightRules": _INSIGHTS,
    "ListMetricDataQueryDefinitions": _QUERIES,
    "ListMetricStreams": _STREAMS,
    "ListTagsForResource": _TAGS,
    "PutAlarmMuteRule": _ALARMS,
    "PutAnomalyDetector": _ANOMALIES,
    "PutCompositeAlarm": _ALARMS,
    "PutDashboard": _DASHBOARDS,
    "PutInsightRule": _INSIGHTS,
    "PutLogAlarm": _ALARMS,
    "PutManagedInsightRules": _INSIGHTS,
    "PutMetricAlarm": _ALARMS,
    "PutMetricData": "metrics are those of the APIs: others' are not kept",
    "PutMetricDataQueryDefinition": _QUERIES,
    "PutMetricStream": _STREAMS,
    "SetAlarmState": _ALARMS,
    "StartMetricStreams": _STREAMS,
    "StartOTelEnrichment": _ENRICHMENT,
    "StopMetricStreams": _STREAMS,
    "StopOTelEnrichment": _ENRICHMENT,
    "TagResource": _TAGS,
    "UntagResource": _TAGS,
    "UpdateOTelEnrichment": _ENRICHMENT,
    "UpdateResourceMetricsConfiguration": _RESOURCES,
}
