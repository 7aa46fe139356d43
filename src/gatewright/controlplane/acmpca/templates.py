"""The certificate templates: what they fix in a certificate, and what they let through from the request.

Source: AWS Private CA User Guide, "Template definitions" and "Template varieties" (D). A family comes in varieties: the base
template, and those that take more from the API (`APIPassthrough`), from the CSR (`CSRPassthrough`) or from both. Blank
families have no base variety, root families none that takes from the CSR.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from gatewright.core.x509.issuance import Extension, key_usage

# D: the partition may be another (aws-cn, aws-us-gov); region and account are empty.
_ARN = re.compile(r"arn:aws[a-z-]*:acm-pca:::template/(?P<name>[A-Za-z0-9_]+)/V1")

DEFAULT_TEMPLATE = "arn:aws:acm-pca:::template/EndEntityCertificate/V1"


@dataclass(frozen=True, slots=True)
class Template:
    """What a template fixes, and from where it takes the rest. A name and SANs come from the CSR in any case."""

    name: str
    is_ca: bool = False
    is_root: bool = False
    path_length: int | None = None
    constraints_critical: bool = False
    key_usages: tuple[str, ...] = ()
    purposes: tuple[x509.ObjectIdentifier, ...] = ()
    purposes_critical: bool = False
    from_api: bool = False
    from_csr: bool = False

    def extensions(self) -> Iterator[Extension]:
        """Those that the template itself defines, which win over all others."""
        yield Extension(x509.BasicConstraints(self.is_ca, self.path_length), self.is_ca or self.constraints_critical)
        if self.key_usages:
            yield Extension(key_usage(*self.key_usages), critical=True)
        if self.purposes:
            yield Extension(x509.ExtendedKeyUsage(self.purposes), self.purposes_critical)


_SIGNATURE = ("digital_signature",)
_TLS = ("digital_signature", "key_encipherment")
_CA = ("digital_signature", "key_cert_sign", "crl_sign")
_CLIENT, _SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH

_END_ENTITIES = (
    Template("EndEntityCertificate", key_usages=_TLS, purposes=(_SERVER, _CLIENT)),
    Template("EndEntityClientAuthCertificate", key_usages=_TLS, purposes=(_CLIENT,)),
    Template("EndEntityServerAuthCertificate", key_usages=_TLS, purposes=(_SERVER,)),
    Template(
        "CodeSigningCertificate",
        key_usages=_SIGNATURE,
        purposes=(ExtendedKeyUsageOID.CODE_SIGNING,),
        purposes_critical=True,
    ),
    Template(
        "OCSPSigningCertificate",
        key_usages=_SIGNATURE,
        purposes=(ExtendedKeyUsageOID.OCSP_SIGNING,),
        purposes_critical=True,
    ),
)
_BLANK_END_ENTITIES = (
    Template("BlankEndEntityCertificate"),
    Template("BlankEndEntityCertificate_CriticalBasicConstraints", constraints_critical=True),
)
_SUBORDINATES = tuple(
    Template(f"SubordinateCACertificate_PathLen{n}", is_ca=True, path_length=n, key_usages=_CA) for n in range(4)
)
_BLANK_SUBORDINATES = tuple(
    Template(f"BlankSubordinateCACertificate_PathLen{n}", is_ca=True, path_length=n) for n in range(4)
)
_ROOT = Template("RootCACertificate", is_ca=True, is_root=True, key_usages=_CA)
_BLANK_ROOTS = (
    Template("BlankRootCACertificate", is_ca=True, is_root=True),
    *(Template(f"BlankRootCACertificate_PathLen{n}", is_ca=True, is_root=True, path_length=n) for n in range(4)),
)


def _varieties(base: Template, *suffixes: str) -> Iterator[Template]:
    for suffix in suffixes:
        yield replace(
            base,
            name=f"{base.name}_{suffix}Passthrough" if suffix else base.name,
            from_api="API" in suffix,
            from_csr="CSR" in suffix,
        )


#: By name, without the version, which is V1 for all.
TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        template.name: template
        for families, suffixes in (
            (_END_ENTITIES, ("", "API", "CSR", "APICSR")),
            (_BLANK_END_ENTITIES, ("API", "CSR", "APICSR")),
            (_SUBORDINATES, ("", "API", "CSR", "APICSR")),
            (_BLANK_SUBORDINATES, ("API", "CSR", "APICSR")),
            ((_ROOT,), ("", "API")),
            (_BLANK_ROOTS, ("API",)),
        )
        for family in families
        for template in _varieties(family, *suffixes)
    }
)


def find_template(arn: str) -> Template | None:
    """The template of this ARN; None when there is none."""
    match = _ARN.fullmatch(arn)
    return TEMPLATES.get(match["name"]) if match else None
