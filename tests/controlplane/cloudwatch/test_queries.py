"""What CloudWatch's operations tell of counted requests, through botocore's client; and in each protocol that clients speak."""

import random
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from gatewright.core.metrics.distribution import RELATIVE_ERROR
from gatewright.store.metric_points import MetricPoints
from gatewright.wire.services import SERVED, load_service
from support.botocore_wire import client_reading, client_request
from support.control import OTHER_ACCOUNT, START, ControlHarness
from support.spool import Spool, take_in_all

NOW = int(START) // 3600 * 3600 + 1800  # half past an hour
HOUR = 3600
NAMESPACE = "AWS/ApiGateway"
API = {"ApiName": "pets"}
STAGE = {"ApiName": "pets", "Stage": "dev"}
METHOD = {"ApiName": "pets", "Method": "GET", "Resource": "/pets", "Stage": "dev"}


def at(instant):
    return datetime.fromtimestamp(instant, UTC)


def dimensions(values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "metrics")


@pytest.fixture
def points(tmp_path):
    made = MetricPoints(tmp_path / "metrics")
    yield made
    made.close()


@pytest.fixture
def harness(points):
    made = ControlHarness(metrics=points)
    made.now = float(NOW)
    return made


@pytest.fixture
def cloudwatch(harness):
    return harness.client("cloudwatch")


def statistics(client, metric="Count", of=STAGE, **more):
    """The data points, by how long ago they begin."""
    names = {} if "ExtendedStatistics" in more else {"Statistics": ["Sum"]}
    given = {"StartTime": at(NOW - HOUR), "EndTime": at(NOW + 60), "Period": 60, **names, **more}
    answer = client.get_metric_statistics(Namespace=NAMESPACE, MetricName=metric, Dimensions=dimensions(of), **given)
    assert metric == answer["Label"]
    return {NOW - int(point.pop("Timestamp").timestamp()): point for point in answer["Datapoints"]}


def query(name="q", metric="Count", of=STAGE, stat="Sum", period=60, **more):
    asked = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions(of)}
    return {"Id": name, "MetricStat": {"Metric": asked, "Period": period, "Stat": stat}, **more}


def data(client, *queries, **more):
    given = {"StartTime": at(NOW - HOUR), "EndTime": at(NOW + 60), "MetricDataQueries": list(queries), **more}
    return client.get_metric_data(**given)


def told(result):
    return {NOW - int(t.timestamp()): v for t, v in zip(result["Timestamps"], result["Values"], strict=True)}


def refused(call, *arguments, **params):
    with pytest.raises(ClientError) as error:
        call(*arguments, **params)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_statistics_of_each_metric(cloudwatch, points, spool):
    spool.put(NOW - 120, [(200, 10, 7), (404, 20, None), (502, 60, 55)])
    take_in_all(points)
    asked = {"Statistics": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]}
    found = {
        metric: statistics(cloudwatch, metric, **asked)[120]
        for metric in ("Count", "4XXError", "5XXError", "Latency", "IntegrationLatency")
    }
    assert {
        "Count": (3, 1, 3, 1, 1, "Count"),
        "4XXError": (3, 1 / 3, 1, 0, 1, "Count"),
        "5XXError": (3, 1 / 3, 1, 0, 1, "Count"),
        "Latency": (3, 30, 90, 10, 60, "Milliseconds"),
        "IntegrationLatency": (2, 31, 62, 7, 55, "Milliseconds"),
    } == {metric: tuple(point[name] for name in (*asked["Statistics"], "Unit")) for metric, point in found.items()}


def test_only_what_is_asked_for_is_told(cloudwatch, points, spool):
    spool.put(NOW - 120, [(200, 10, None)])
    take_in_all(points)
    assert {120: {"Sum": 1.0, "Unit": "Count"}} == statistics(cloudwatch)
    assert {120: {"ExtendedStatistics": {"p50": 1.0}, "Unit": "Count"}} == statistics(
        cloudwatch, ExtendedStatistics=["p50"]
    )
    assert {} == statistics(cloudwatch, "IntegrationLatency")
    assert {} == statistics(cloudwatch, Unit="Milliseconds")
    assert {120} == statistics(cloudwatch, Unit="Count").keys()


def test_periods_begin_where_the_query_does(cloudwatch, points, spool):
    for ago in (1800, 660, 600, 300, 240, 60):
        spool.put(NOW - ago, [(200, 1, None)])
    take_in_all(points)
    assert {1800: 1, 660: 1, 600: 1, 300: 1, 240: 1, 60: 1} == sums(statistics(cloudwatch))
    assert {1800: 1, 900: 1, 600: 1, 300: 3} == sums(statistics(cloudwatch, Period=300))
    assert {1860: 1, 660: 2, 360: 2, 60: 1} == sums(statistics(cloudwatch, Period=300, StartTime=at(NOW - 1860 + 59.9)))
    assert {3600: 6} == sums(statistics(cloudwatch, Period=3660))
    assert {300: 1, 240: 1} == sums(statistics(cloudwatch, StartTime=at(NOW - 300), EndTime=at(NOW - 60)))
    assert {} == statistics(cloudwatch, Period=30)


def sums(found):
    return {ago: point["Sum"] for ago, point in found.items()}


def test_what_is_old_is_told_in_the_periods_that_it_is_kept_in(harness, cloudwatch, points, spool):
    for minute in range(10):
        spool.put(NOW - minute * 60 - 60, [(200, 1, None)])
    take_in_all(points)
    harness.advance(2 * 86_400)
    points.age(harness.now)
    assert {} == statistics(cloudwatch)
    assert {600: 5, 300: 5} == sums(statistics(cloudwatch, Period=300))
    harness.advance(8 * 86_400)
    points.age(harness.now)
    assert {} == statistics(cloudwatch, Period=300)
    assert {1800: 10} == sums(statistics(cloudwatch, Period=3600))


@pytest.mark.parametrize("seed", range(3))
def test_percentiles_are_within_the_stated_error(cloudwatch, points, spool, seed):
    latencies = [int(random.Random(seed).lognormvariate(5, 1.5)) for _ in range(500)]
    for number in range(0, 500, 100):
        spool.put(NOW - 120 - number, [(200, latency, None) for latency in latencies[number : number + 100]])
    take_in_all(points)
    (point,) = statistics(
        cloudwatch, "Latency", Period=3660, ExtendedStatistics=["p50", "p90", "p99", "p99.9"]
    ).values()
    ordered = sorted(latencies)
    for name, rank in (("p50", 250), ("p90", 450), ("p99", 495), ("p99.9", 500)):
        assert point["ExtendedStatistics"][name] == pytest.approx(ordered[rank - 1], rel=RELATIVE_ERROR)


@pytest.mark.parametrize(
    "of",
    [
        {},
        {"Stage": "dev"},
        {"ApiName": "pets", "Resource": "/pets"},
        {"ApiId": "abcdefghij"},
        {**STAGE, "Method": "GET"},
    ],
)
def test_dimensions_that_no_metric_has_find_nothing(cloudwatch, points, spool, of):
    spool.put(NOW - 120, [(200, 1, None)], resource="/pets", method="GET")
    take_in_all(points)
    assert {} == statistics(cloudwatch, of=of)
    assert [{120: 1}] * 3 == [sums(statistics(cloudwatch, of=known)) for known in (API, STAGE, METHOD)]


def test_other_accounts_and_regions_see_nothing_of_it(harness, points, spool):
    spool.put(NOW - 120, [(200, 1, None)])
    take_in_all(points)
    for client in (
        harness.client("cloudwatch", account=OTHER_ACCOUNT),
        harness.client("cloudwatch", region="eu-central-1"),
    ):
        assert {} == statistics(client)
        assert [] == client.list_metrics()["Metrics"]


def test_what_is_asked_wrongly_is_refused_in_the_service_s_words(cloudwatch):
    assert (
        "InvalidParameterCombination",
        (
            "You have requested up to 2,880 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints "
            "requested by increasing Period, or decreasing the time range."
        ),
    ) == refused(statistics, cloudwatch, StartTime=at(NOW - 48 * HOUR), EndTime=at(NOW), Period=60)
    statistics(cloudwatch, StartTime=at(NOW - 24 * HOUR), EndTime=at(NOW), Period=60)
    assert ("InvalidParameterValue", "The parameter StartTime must not equal parameter EndTime.") == refused(
        statistics, cloudwatch, StartTime=at(NOW), EndTime=at(NOW)
    )
    assert ("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.") == refused(
        statistics, cloudwatch, StartTime=at(NOW + 1), EndTime=at(NOW)
    )
    assert ("ValidationError", "The parameter StartTime must not equal parameter EndTime.") == refused(
        data, cloudwatch, query(), StartTime=at(NOW), EndTime=at(NOW)
    )
    code, message = refused(statistics, cloudwatch, Period=90)
    assert ("InvalidParameterValue", True) == (code, message.startswith("The parameter Period must be"))
    assert (
        "InvalidParameterCombination"
        == refused(
            cloudwatch.get_metric_statistics,
            Namespace=NAMESPACE,
            MetricName="Count",
            StartTime=at(NOW - 60),
            EndTime=at(NOW),
            Period=60,
        )[0]
    )
    code, message = refused(statistics, cloudwatch, ExtendedStatistics=["tm90"])
    assert ("InvalidParameterValue", True) == (code, message.startswith("The statistic tm90 is not served"))
    assert "ValidationError" == refused(statistics, cloudwatch, Statistics=["Median"])[0]


def test_data_of_many_queries_the_latest_first(cloudwatch, points, spool):
    for ago in (180, 120, 60):
        spool.put(NOW - ago, [(200, ago, None)] * 2 + [(500, ago, None)])
    take_in_all(points)
    answer = data(
        cloudwatch,
        query("count"),
        query("errors", "5XXError", API, "Average", Label="rate"),
        query("p", "Latency", stat="p99.9", period=300),
        query("hidden", ReturnData=False),
        query("none", "Count", {"ApiName": "others"}),
    )
    assert "NextToken" not in answer
    results = {result.pop("Id"): result for result in answer["MetricDataResults"]}
    assert ["count", "errors", "p", "none"] == list(results)
    assert [60, 120, 180] == list(told(results["count"]))
    assert {180: 3, 120: 3, 60: 3} == told(results["count"])
    assert ("rate", {180: 1 / 3, 120: 1 / 3, 60: 1 / 3}) == (results["errors"]["Label"], told(results["errors"]))
    assert ("Latency", {300: 180}) == (results["p"]["Label"], told(results["p"]))
    assert {} == told(results["none"])
    assert {"Complete"} == {result["StatusCode"] for result in results.values()}
    (result,) = data(cloudwatch, query(), ScanBy="TimestampAscending")["MetricDataResults"]
    assert [180, 120, 60] == list(told(result))


@pytest.mark.parametrize("scan", ["TimestampAscending", "TimestampDescending"])
@pytest.mark.parametrize("most", [1, 3, 4, 5, 9])
def test_data_comes_in_pages_and_all_of_it(cloudwatch, points, spool, scan, most):
    for ago in (240, 180, 120, 60):
        spool.put(NOW - ago, [(200, 1, None)])
    take_in_all(points)
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        StartTime=at(NOW - HOUR),
        EndTime=at(NOW),
        MetricDataQueries=[query("a"), query("b"), query("c", of=API)],
        ScanBy=scan,
        MaxDatapoints=most,
    )
    found = {"a": [], "b": [], "c": []}
    for page in pages:
        assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= most
        for result in page["MetricDataResults"]:
            found[result["Id"]] += told(result)
    order = [240, 180, 120, 60] if scan == "TimestampAscending" else [60, 120, 180, 240]
    assert {"a": order, "b": order, "c": order} == found


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ([{"Id": "e", "Expression": "m1/m2"}], "serves neither metric math nor Metrics Insights"),
        ([{"Id": "e"}], "must have either MetricStat or Expression"),
        ([query(), {**query("e"), "Expression": "m1"}], "must have either MetricStat or Expression"),
        ([query(), query()], "are not unique"),
        ([query("Q")], "The value Q for parameter Id"),
        ([query(stat="IQM")], "The statistic IQM is not served by Gatewright"),
        ([query(stat="Best")], "is not supported"),
        ([query(period=61)], "The parameter Period must be"),
        ([query(AccountId=OTHER_ACCOUNT)], "is for another account"),
        ([{"Id": "m", "MetricStat": {"Metric": {"MetricName": "Count"}, "Period": 60, "Stat": "Sum"}}], "a Namespace"),
        ([query(f"q{number}") for number in range(501)], "must not have a size greater than 500"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(cloudwatch, asked, words):
    code, message = refused(data, cloudwatch, *asked)
    assert "ValidationError" == code
    assert words in message


@pytest.mark.parametrize("token", ["x", "1/", "0/x", "/", "-1/5", "0"])
def test_a_token_that_was_not_given_out_is_refused(cloudwatch, token):
    assert "InvalidNextToken" == refused(data, cloudwatch, query(), NextToken=token)[0]
    assert "InvalidParameterValue" == refused(cloudwatch.list_metrics, NextToken=token)[0]


@pytest.mark.parametrize("most", [0, 100_801])
def test_a_page_has_bounds(cloudwatch, most):
    assert "ValidationError" == refused(data, cloudwatch, query(), MaxDatapoints=most)[0]


def names(answer):
    return {(metric["MetricName"], *(each["Value"] for each in metric["Dimensions"])) for metric in answer["Metrics"]}


def test_metrics_are_listed_with_their_dimensions(cloudwatch, points, spool):
    spool.put(NOW - 120, [(200, 1, None)], resource="/pets", method="GET")
    spool.put(NOW - 4 * HOUR, [(200, 1, 1)], api_name="old", stage="prod")
    take_in_all(points)
    plain = ("4XXError", "5XXError", "Count", "Latency")
    pets = {(name, *of) for name in plain for of in (("pets",), ("pets", "dev"), ("pets", "GET", "/pets", "dev"))}
    old = {(name, *of) for name in (*plain, "IntegrationLatency") for of in (("old",), ("old", "prod"))}
    listed = cloudwatch.list_metrics()
    assert pets | old == names(listed)
    assert len(pets | old) == len(listed["Metrics"])
    assert {
        "Namespace": NAMESPACE,
        "MetricName": "Count",
        "Dimensions": dimensions(METHOD),
    } in listed["Metrics"]
    assert pets == names(cloudwatch.list_metrics(RecentlyActive="PT3H"))
    assert pets | old == names(cloudwatch.list_metrics(Namespace=NAMESPACE))
    assert set() == names(cloudwatch.list_metrics(Namespace="AWS/Lambda"))
    assert {("Count", "old"), ("Count", "old", "prod")} == names(
        cloudwatch.list_metrics(MetricName="Count", Dimensions=dimensions({"ApiName": "old"}))
    )
    assert {("Latency", "pets", "GET", "/pets", "dev")} == names(
        cloudwatch.list_metrics(MetricName="Latency", Dimensions=[{"Name": "Resource"}])
    )
    assert set() == names(cloudwatch.list_metrics(OwningAccount=OTHER_ACCOUNT))
    linked = cloudwatch.list_metrics(IncludeLinkedAccounts=True)
    assert {"000000000000"} == set(linked["OwningAccounts"])


def test_a_long_list_comes_in_pages(cloudwatch, points, spool):
    for number in range(150):
        spool.put(NOW - 120, [(200, 1, None)], stage=f"s{number}")
    take_in_all(points)
    pages = list(cloudwatch.get_paginator("list_metrics").paginate())
    assert [500, 104] == [len(page["Metrics"]) for page in pages]
    assert 604 == len(set.union(*map(names, pages)))


@pytest.mark.parametrize("protocol", SERVED["cloudwatch"].protocols)
def test_each_protocol_that_clients_speak_is_answered_alike(harness, points, spool, protocol):
    spool.put(NOW - 120, [(200, 10, None), (404, 20, None)])
    take_in_all(points)
    operation = load_service("cloudwatch").operation_model("GetMetricStatistics")
    params = {
        "Namespace": NAMESPACE,
        "MetricName": "Latency",
        "Dimensions": dimensions(STAGE),
        "StartTime": at(NOW - HOUR),
        "EndTime": at(NOW),
        "Period": 60,
        "Statistics": ["Average", "Maximum"],
        "ExtendedStatistics": ["p50"],
    }

    def call(params):
        made = client_request(operation, params, protocol)
        kept = {name: value for name, value in made.headers.items() if name != "host"}
        return harness.raw(made.method, made.path, headers=kept, body=made.body, sign="cloudwatch")

    read = client_reading(call(params), operation.output_shape, protocol)
    (point,) = read["Datapoints"]
    assert (15.0, 20.0, {"p50": 10.0}, "Milliseconds", at(NOW - 120)) == (
        *(point[name] for name in ("Average", "Maximum", "ExtendedStatistics", "Unit")),
        point["Timestamp"].astimezone(UTC),
    )
    error = client_reading(call({**params, "EndTime": at(NOW - HOUR - 1)}), None, protocol)["Error"]
    assert "InvalidParameterValue" == error.get("QueryErrorCode", error["Code"]).removesuffix("Exception")
