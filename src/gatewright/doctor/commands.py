"""Commands of the AWS CLI that mend things, as one line each for a POSIX shell.

They name neither endpoint nor profile: those are added where the doctor was told of them (`addressed`), and come from
the environment otherwise. Files that the user has to have are named for what they hold.
"""

import json
import re
import shlex
from collections.abc import Sequence
from typing import Final

from gatewright.doctor.evidence import Domain, Evidence

#: Where a command of the AWS CLI begins.
_CALL: Final = re.compile(r"(?:^|\$\()aws ")
_MUTUAL = "/mutualTlsAuthentication"


def aws(*words: str) -> str:
    """One command, quoted."""
    return shlex.join(("aws", *words))


def addressed(command: str, flags: Sequence[str]) -> str:
    """The command with the endpoint, profile and region that the doctor itself was told of, within `$(…)` too."""
    return _CALL.sub(lambda found: f"{found[0]}{shlex.join(flags)} ", command) if flags else command


def replace_operation(path: str, value: str) -> str:
    """A patch operation in the CLI's shorthand, which takes braces (those of a path parameter) only between quotes."""
    quoted = f'"{path}"' if "{" in path else path
    return f"op=replace,path={quoted},value={value}"


def patch_domain(name: str, path: str, value: str) -> str:
    """One setting of a domain name is replaced."""
    return aws("apigateway", "update-domain-name", "--domain-name", name,
               "--patch-operations", f"op=replace,path={path},value={value}")  # fmt: skip


def deploy(api_id: str, stage: str) -> str:
    """The API's present resources are what the stage serves."""
    return aws("apigateway", "create-deployment", "--rest-api-id", api_id, "--stage-name", stage)


def reimport(arn: str) -> str:
    """The certificate of that ARN is replaced in place; everything that uses it serves the new one."""
    return aws("acm", "import-certificate", "--certificate-arn", arn, "--certificate", "fileb://certificate.pem",
               "--private-key", "fileb://private-key.pem", "--certificate-chain", "fileb://chain.pem")  # fmt: skip


def use_certificate(domain: Domain) -> str:
    """The domain name is given another certificate, by a shell variable that the command before has set."""
    path = "/certificateArn" if domain.endpoint_types == ("EDGE",) else "/regionalCertificateArn"
    return patch_domain(domain.name, path, "CERTIFICATE_ARN").replace("CERTIFICATE_ARN", '"$CERTIFICATE_ARN"')


def point_dns(evidence: Evidence) -> tuple[str, ...]:
    """The hosted zone's record leads to the domain name's target; empty where the zone is not the account's."""
    domain, zone = evidence.domain, evidence.zone
    if domain is None or zone is None or not domain.targets:
        return ()
    target, target_zone = domain.targets[0]
    host = evidence.question.host
    if any(record.type == "CNAME" for record in zone.records):
        # A CNAME and an address cannot stand beside one another, so the one that is there is corrected.
        record: dict[str, object] = {
            "Name": host, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": target}],
        }  # fmt: skip
    else:
        alias = {"HostedZoneId": target_zone, "DNSName": target, "EvaluateTargetHealth": False}
        record = {"Name": host, "Type": "A", "AliasTarget": alias}
    batch = json.dumps({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]})
    return (aws("route53", "change-resource-record-sets", "--hosted-zone-id", zone.zone_id, "--change-batch", batch),)


def renew_truststore(domain: Domain, *, versioned: bool) -> str:
    """The domain name reads its truststore's object again."""
    uri = domain.truststore_uri or ""
    if not versioned:
        return patch_domain(domain.name, f"{_MUTUAL}/truststoreUri", uri)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    newest = aws("s3api", "head-object", "--bucket", bucket, "--key", key, "--query", "VersionId", "--output", "text")
    words = aws("apigateway", "update-domain-name", "--domain-name", domain.name, "--patch-operations")
    return f'{words} op=replace,path={_MUTUAL}/truststoreVersion,value="$({newest})"'


def extend_truststore(domain: Domain, file: str, *, versioned: bool) -> tuple[str, ...]:
    """The certificates of `file` are added to the truststore, and the domain name takes it."""
    return (
        aws("s3", "cp", domain.truststore_uri or "", "truststore.pem"),
        f"cat {shlex.quote(file)} >> truststore.pem",
        *replace_truststore(domain, "truststore.pem", versioned=versioned),
    )


def replace_truststore(domain: Domain, file: str, *, versioned: bool) -> tuple[str, ...]:
    """The file is the truststore, and the domain name takes it."""
    return aws("s3", "cp", file, domain.truststore_uri or ""), renew_truststore(domain, versioned=versioned)


def patch_distribution(distribution_id: str, change: str) -> tuple[str, ...]:
    """The distribution's configuration is read, changed by the jq expression, sent back, and waited for."""
    get = aws("cloudfront", "get-distribution-config", "--id", distribution_id)
    update = aws("cloudfront", "update-distribution", "--id", distribution_id, "--distribution-config",
                 "file://new-config.json", "--if-match")  # fmt: skip
    return (
        f"{get} --query DistributionConfig > config.json",
        f"jq {shlex.quote(change)} config.json > new-config.json",
        f'{update} "$({get} --query ETag --output text)"',
        aws("cloudfront", "wait", "distribution-deployed", "--id", distribution_id),
    )
