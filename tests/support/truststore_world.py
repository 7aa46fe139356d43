"""What tests of mutual TLS need of the control plane: certificates of all types, truststores in a bucket, domain names.

world = MutualTlsWorld(harness)
world.upload(authority.certificate_pem)
world.create("api.example.com", arn=world.issued("api.example.com"))
"""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from gatewright.controlplane.acm.associations import parse_certificate_arn
from gatewright.model.records import Certificate, DomainName, Truststore
from support.ca import CertificateAuthority
from support.control import ACCOUNT, REGION

BUCKET = "truststores"
KEY = "certificates.pem"
URI = f"s3://{BUCKET}/{KEY}"


class MutualTlsWorld:
    def __init__(self, harness, *, region=REGION, account=ACCOUNT) -> None:
        self.harness = harness
        # The certificates are made by the machine's clock.
        harness.now = max(harness.now, float(int(time.time())))
        self._where = {"region": region, "account": account}
        self.region = region
        self.api = harness.client("apigateway", **self._where)
        self.acm = harness.client("acm", **self._where)
        self.s3 = harness.client("s3", **self._where)
        self.ca = CertificateAuthority("Public Root")

    # -- certificates ----------------------------------------------------------------------------------------------

    def imported(self, *names, ca=None, arn=None, **how) -> str:
        """The ARN of an imported certificate for these names; `arn` imports it again."""
        made = (ca or self.ca).issue(*names, **how)
        again = {} if arn is None else {"CertificateArn": arn}
        return self.acm.import_certificate(
            Certificate=made.certificate_pem, PrivateKey=made.key_pem, CertificateChain=made.chain_pem, **again
        )["CertificateArn"]

    def issued(self, *names, **how) -> str:
        """The ARN of a public certificate that ACM issued for these names."""
        return self._become(self.imported(*names, **how), type="AMAZON_ISSUED", imported_at=None)

    def private(self, *names, **how) -> str:
        """The ARN of a certificate that a private CA issued through ACM."""
        return self._become(self.imported(*names, **how), type="PRIVATE", imported_at=None)

    def renew(self, arn, *, days=400) -> None:
        """ACM renewed the certificate; what matters of it here is until when."""
        self._become(arn, not_after=self.harness.now + days * 86_400)

    def _become(self, arn, **members) -> str:
        with self.harness.store.transaction() as transaction:
            parts = parse_certificate_arn(arn)
            record = transaction.get(Certificate, parts.account, parts.region, parts.id)
            transaction.put(replace(record, **members))
        return arn

    # -- truststores -----------------------------------------------------------------------------------------------

    def make_bucket(self, bucket=BUCKET, *, versioned=False) -> None:
        constraint = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
        self.s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": constraint} if constraint else {}))
        if versioned:
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def upload(self, content, key=KEY, bucket=BUCKET) -> str | None:
        """The object has this content; its version id, if the bucket has versions. The bucket is made when it is not there."""
        if bucket not in {found["Name"] for found in self.s3.list_buckets()["Buckets"]}:
            self.make_bucket(bucket)
        body = content if isinstance(content, bytes) else content.encode()
        return self.s3.put_object(Bucket=bucket, Key=key, Body=body).get("VersionId")

    def truststore(self, name) -> Truststore | None:
        """What the workers are told of the domain name's truststore."""
        with self.harness.store.read() as reader:
            return reader.get(Truststore, self._where["account"], self.region, name)

    # -- domain names ----------------------------------------------------------------------------------------------

    def create(self, name, *, arn=None, uri=URI, version=None, **more):
        """A Regional domain name with mutual TLS; by default with a certificate that ACM issued."""
        versioned = {} if version is None else {"truststoreVersion": version}
        return self.api.create_domain_name(
            domainName=name,
            regionalCertificateArn=arn or self.issued(name),
            endpointConfiguration={"types": ["REGIONAL"]},
            mutualTlsAuthentication={"truststoreUri": uri, **versioned},
            **more,
        )

    def update(self, name, *operations):
        """Sends patch operations `(op, path, value)`."""
        return self.api.update_domain_name(
            domainName=name,
            patchOperations=[
                {"op": op, "path": path, **({"value": value[0]} if value else {})} for op, path, *value in operations
            ],
        )

    def status(self, name) -> tuple[str, str | None]:
        answer = self.api.get_domain_name(domainName=name)
        return answer["domainNameStatus"], answer.get("domainNameStatusMessage")

    def stored(self, name) -> DomainName | None:
        with self.harness.store.read() as reader:
            return reader.get(DomainName, self._where["account"], self.region, name)


def refused(call, *arguments, **parameters):
    """Code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **parameters)
    error = caught.value.response["Error"]
    return SimpleNamespace(code=error["Code"], message=error["Message"])
