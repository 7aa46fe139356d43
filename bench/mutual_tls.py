"""What client certificates cost: kept-alive requests and full handshakes, with mutual TLS and without, beside nginx.

    python -m bench.mutual_tls [--rounds N] [--seconds N] [--workers N]

Gatewright serves one API by two custom domain names, one of which has a truststore; nginx listens on two ports, one with
`ssl_verify_client on` and the same CA. All four take turns in each round under the same client (`bench.client`), whose one
certificate a root in the truststore issued; the verdict on it is made once, in the warm-up. Ratios are taken round by round,
their median shown. CPU time is that of the proxy's process tree.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.backend import running_backend
from bench.certificate import Issuer, make_certificate
from bench.cpu import read_cpu_seconds
from bench.load import Generators
from bench.programs import H2LOAD, NGINX, WRK, find_program
from bench.proxies.gatewright import configure, serving
from bench.proxies.nginx import running_nginx
from bench.proxies.site import BASE_PATH, DOMAIN, Site

MUTUAL: Final = "mutual.bench.example"
_BUCKET: Final = "bench-truststores"
_PATH: Final = f"/{BASE_PATH}/small"
SHAPES: Final = ("keep-alive", "handshake")


class Way(NamedTuple):
    """One of the four ways to the same answer."""

    title: str
    name: str
    port: int
    pid: int
    certificate: Path | None


def configure_mutual(gateway: Any, truststore: bytes) -> None:
    """A second domain name for the same API, with mutual TLS and a certificate that ACM issued at once."""
    s3, acm, apigateway = (gateway.client(service) for service in ("s3", "acm", "apigateway"))
    s3.create_bucket(Bucket=_BUCKET)
    s3.put_object(Bucket=_BUCKET, Key="ca.pem", Body=truststore)
    arn = acm.request_certificate(DomainName=MUTUAL, KeyAlgorithm="EC_prime256v1", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    acm.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    apigateway.create_domain_name(
        domainName=MUTUAL,
        regionalCertificateArn=arn,
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_2",
        mutualTlsAuthentication={"truststoreUri": f"s3://{_BUCKET}/ca.pem"},
    )
    (mapping,) = apigateway.get_base_path_mappings(domainName=DOMAIN)["items"]
    apigateway.create_base_path_mapping(
        domainName=MUTUAL, basePath=BASE_PATH, restApiId=mapping["restApiId"], stage=mapping["stage"]
    )


def take_turn(way: Way, shape: str, seconds: float, connections: int, environment: dict[str, str]) -> tuple[int, float]:
    """(answers, CPU microseconds each)."""
    command = [sys.executable, "-m", "bench.client", shape, way.name, str(way.port), _PATH]
    command += ["--seconds", str(seconds), "--connections", str(connections)]
    if way.certificate is not None:
        command += ["--cert", str(way.certificate)]
    before = read_cpu_seconds(way.pid)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=seconds + 60)
    spent = read_cpu_seconds(way.pid) - before
    if done.returncode:
        raise SystemExit(f"{way.title}: the client failed: {done.stderr.strip()}")
    said = json.loads(done.stdout)
    if said["failures"] or not said["answers"]:
        raise SystemExit(f"{way.title}: {said['failures']} requests failed, {said['answers']} were answered.")
    return said["answers"], spent * 1e6 / said["answers"]


def run(options: argparse.Namespace, stack: ExitStack) -> dict[str, dict[str, list[float]]]:
    """CPU microseconds by shape and way, one a round."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatewright-bench-")))
    nginx = find_program(NGINX, None)
    generators = Generators(folder, find_program(WRK, None), find_program(H2LOAD, None))
    site_certificate = make_certificate(folder, DOMAIN)
    clients = Issuer()
    leaf, key = clients.issue("device.bench.example")
    shown, authority = folder / "client.pem", folder / "client-ca.pem"
    shown.write_bytes(leaf + key)
    authority.write_bytes(clients.root_pem)

    def make_site(name: str) -> Site:
        (folder / name).mkdir()
        return Site(folder / name, site_certificate, backend.port, options.workers)

    (folder / "backend").mkdir()
    backend = stack.enter_context(running_backend(folder / "backend", nginx))
    site = make_site("gatewright")
    gateway = stack.enter_context(serving(site.folder, site.folder / "data", options.workers))
    configure(gateway.client("acm"), gateway.client("apigateway"), site)
    configure_mutual(gateway, clients.root_pem)
    plain = stack.enter_context(running_nginx(make_site("nginx"), nginx))
    asking = stack.enter_context(running_nginx(make_site("nginx-mutual"), nginx, client_authority=authority))
    ways = [
        Way("gatewright", DOMAIN, gateway.https_port, gateway.pid, None),
        Way("gatewright, mutual TLS", MUTUAL, gateway.https_port, gateway.pid, shown),
        Way("nginx", DOMAIN, plain.port, plain.pid, None),
        Way("nginx, mutual TLS", MUTUAL, asking.port, asking.pid, shown),
    ]
    environment = {**os.environ, **generators.environment}
    taken: dict[str, dict[str, list[float]]] = {}
    for shape in SHAPES:
        for number in range(options.rounds + 1):  # the first is the warm-up
            for way in ways:
                seconds = options.seconds if number else 1.0
                answers, cost = take_turn(way, shape, seconds, options.connections, environment)
                if number:
                    taken.setdefault(shape, {}).setdefault(way.title, []).append(cost)
                    print(f"{shape} {number}/{options.rounds} {way.title}: {cost:.1f} µs × {answers}", file=sys.stderr)
    return taken


def compute_ratio(above: list[float], below: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(one / other for one, other in zip(above, below, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    with ExitStack() as stack:
        taken = run(options, stack)
    for shape, costs in taken.items():
        print(f"\n{shape}: CPU µs, median (lowest)")
        for title, values in costs.items():
            print(f"  {title}: {statistics.median(values):.1f} ({min(values):.1f})")
        for proxy in ("gatewright", "nginx"):
            print(f"  {proxy}: mutual TLS × {compute_ratio(costs[f'{proxy}, mutual TLS'], costs[proxy]):.2f}")
        per_cpu_second = compute_ratio(costs["nginx, mutual TLS"], costs["gatewright, mutual TLS"])
        print(f"  gatewright's a CPU second with mutual TLS, × nginx's: {per_cpu_second:.2f}")


if __name__ == "__main__":
    main()
