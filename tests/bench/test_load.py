"""What wrk and h2load print, as they printed it."""

import pytest
from bench.load import Load, LoadFailed, Target, parse_h2load, parse_h2load_log, parse_wrk, select_percentile

WRK = """\
Running 1s test @ https://bench.example:18443/x
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.57ms    4.28ms  19.99ms   84.24%
    Req/Sec   380.90     46.87   446.00     80.00%
  Latency Distribution
     50%  480.39us
     75%    2.00ms
     90%    6.05ms
     99%   17.50ms
  387 requests in 1.02s, 54.42KB read
Requests/sec:    378.01
Transfer/sec:     53.16KB
"""

WRK_REFUSED = """\
  Latency Distribution
     50%    0.00us
     99%    0.00us
  12 requests in 1.02s, 0.00B read
  Socket errors: connect 2563, read 1, write 2, timeout 3
  Non-2xx or 3xx responses: 5
Requests/sec:      0.00
"""

H2LOAD = """\
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: http/1.1

finished in 3.00s, 400.00 req/s, 58.20KB/s
requests: 800 total, 800 started, 800 done, 798 succeeded, 1 failed, 1 errored, 0 timeout
status codes: 798 2xx, 0 3xx, 1 4xx, 0 5xx
traffic: 116.41KB (119200) total, 126.56KB (129600) headers (space savings 0.00%), 2.34KB (2400) data
                     min         max         mean         sd        +/- sd
time for request:       40us      8.10ms       644us      1.15ms    90.88%
"""


def test_wrk_tells_requests_time_and_latencies() -> None:
    assert Load(requests=387, failures=0, seconds=1.02, p50=480.39, p99=17_500.0) == parse_wrk(WRK)


def test_wrk_counts_refused_requests_and_socket_errors_as_failures() -> None:
    load = parse_wrk(WRK_REFUSED)
    assert (7, 5 + 2563 + 1 + 2 + 3) == (load.requests, load.failures)
    assert "Non-2xx or 3xx responses: 5; Socket errors: connect 2563, read 1, write 2, timeout 3" == load.how


def test_h2load_tells_requests_time_and_what_was_negotiated() -> None:
    load = parse_h2load(H2LOAD, [300, 100, 200])
    assert Load(798, 2, 3.0, 200, 300, "TLSv1.3, TLS_AES_128_GCM_SHA256, X25519 253 bits, http/1.1") == load


def test_h2loads_log_counts_answers_of_2xx_only() -> None:
    text = (
        "1795226409955994\t200\t319\n1795226409958510\t503\t2\n1795226409958510\t-1\t1\n1795226409958511\t204\t2446\n"
    )
    assert [319, 2446] == parse_h2load_log(text)


@pytest.mark.parametrize("parse", [parse_wrk, lambda text: parse_h2load(text, [])])
def test_anything_else_is_refused_with_what_was_found(parse) -> None:
    with pytest.raises(LoadFailed, match="unable to connect"):
        parse("unable to connect to somewhere")


@pytest.mark.parametrize(
    ("expected", "values", "percent"),
    [
        (50, range(1, 101), 50),
        (99, range(1, 101), 99),
        (100, range(1, 101), 100),
        (3, [3, 1, 2], 99),
        (2, [3, 1, 2], 50),
        (1, [1, 2, 3, 4], 25),
        (7, [7], 0),
        (None, [], 50),
    ],
)
def test_a_percentile_is_the_nearest_rank(expected, values, percent) -> None:
    assert expected == select_percentile(values, percent)


def test_a_target_is_a_url_by_name() -> None:
    assert "https://api.bench.example:8443/v1/small" == Target("api.bench.example", 8443, "/v1/small").url
