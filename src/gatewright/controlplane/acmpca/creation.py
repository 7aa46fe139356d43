"""CreateCertificateAuthority: a key, a name, and the request for the CA's own certificate.

The key is made before the transaction (`Prepared`), so the CREATING state of the service is over before anybody could see
it: a new CA is in PENDING_CERTIFICATE.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.api_extensions import parse_key_usage
from gatewright.controlplane.acmpca.authorities import forget_gone
from gatewright.controlplane.acmpca.crl_publication import check_publication
from gatewright.controlplane.acmpca.idempotency import once
from gatewright.controlplane.acmpca.refusals import family_differs, invalid_args, unsupported_algorithm
from gatewright.controlplane.acmpca.revocation_configuration import parse_revocation_configuration
from gatewright.controlplane.acmpca.subject import make_name, parse_subject
from gatewright.controlplane.acmpca.tags import TAG_RULES
from gatewright.controlplane.call import Call, Operation, Prepared
from gatewright.controlplane.private_keys import can_generate, generate_key, key_to_pem
from gatewright.core.x509.issuance import SIGNING_ALGORITHMS, Extension, make_signing_request
from gatewright.core.x509.private_key import PrivateKey
from gatewright.model.identifiers import make_uuid
from gatewright.model.records import PrivateCertificateAuthority

# M: the defaults of the two members. Keys lie encrypted in the store here, in no module that has been certified.
_STANDARD = "FIPS_140_2_LEVEL_3_OR_HIGHER"
_USAGE_MODE = "GENERAL_PURPOSE"


def _prepare(params: Mapping[str, Any]) -> Operation:
    configuration = params["CertificateAuthorityConfiguration"]
    key_algorithm, signing = configuration["KeyAlgorithm"], configuration["SigningAlgorithm"]
    if not can_generate(key_algorithm):
        raise unsupported_algorithm(key_algorithm)
    if signing not in SIGNING_ALGORITHMS:
        raise unsupported_algorithm(signing)
    if SIGNING_ALGORITHMS[signing].family != ("RSA" if key_algorithm.startswith("RSA") else "ECDSA"):
        raise family_differs(signing, key_algorithm)
    return partial(_create, generate_key(key_algorithm))


#: The CA exists, waits for its certificate, and has a request for one.
create_certificate_authority = Prepared(_prepare)


def _create(key: PrivateKey, call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    forget_gone(call.transaction, call.account, call.region, call.now)

    def make() -> str:
        authority = _make_authority(key, call, params)
        check_publication(call, authority)
        call.transaction.put(authority)
        call.transaction.put_secret(authority.secret_name, key_to_pem(key))
        return authority.arn

    return {"CertificateAuthorityArn": once(call, params, "acm-pca", make)}


def _make_authority(key: PrivateKey, call: Call, params: Mapping[str, Any]) -> PrivateCertificateAuthority:
    configuration = params["CertificateAuthorityConfiguration"]
    subject = parse_subject(configuration["Subject"])
    if not subject:
        raise invalid_args(refusals.EMPTY_SUBJECT)
    usage = _csr_key_usage(configuration)
    # D (GetCertificateAuthorityCsr shows it): the request asks for a CA's certificate.
    extensions = [Extension(x509.BasicConstraints(ca=True, path_length=None))]
    if usage:
        extensions.append(Extension(parse_key_usage(dict.fromkeys(usage, True)), critical=True))
    algorithm = SIGNING_ALGORITHMS[configuration["SigningAlgorithm"]]
    request = make_signing_request(key, algorithm, make_name(subject), extensions)
    return PrivateCertificateAuthority(
        account=call.account,
        region=call.region,
        id=make_uuid(call.random_text),
        type=params["CertificateAuthorityType"],
        key_algorithm=configuration["KeyAlgorithm"],
        signing_algorithm=configuration["SigningAlgorithm"],
        subject=subject,
        usage_mode=params.get("UsageMode", _USAGE_MODE),
        key_storage_security_standard=params.get("KeyStorageSecurityStandard", _STANDARD),
        csr_pem=request.public_bytes(Encoding.PEM).decode("ascii"),
        csr_key_usage=usage,
        created_at=call.now,
        last_state_change_at=call.now,
        crl_configuration=parse_revocation_configuration(params.get("RevocationConfiguration") or {}),
        tags=TAG_RULES.add({}, params.get("Tags") or ()),
    )


def _csr_key_usage(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    extensions = configuration.get("CsrExtensions") or {}
    if extensions.get("SubjectInformationAccess"):
        raise invalid_args(refusals.SUBJECT_INFORMATION_NOT_SERVED)
    return tuple(name for name, is_set in (extensions.get("KeyUsage") or {}).items() if is_set)
