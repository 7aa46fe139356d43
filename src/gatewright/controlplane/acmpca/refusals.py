"""What ACM PCA says when it refuses: every literal message of the service in one place, with how well it is known.

Marks: R, quoted by users of the real service; D, the rule is documented and the sentence is ours; U, a guess.
"""

from collections.abc import Mapping

from gatewright.controlplane.errors import ServiceError


def invalid_args(message: str) -> ServiceError:
    """InvalidArgsException, 400."""
    return ServiceError("InvalidArgsException", message)


def invalid_state(message: str) -> ServiceError:
    """InvalidStateException, 400."""
    return ServiceError("InvalidStateException", message)


def invalid_request(message: str) -> ServiceError:
    """InvalidRequestException, 400."""
    return ServiceError("InvalidRequestException", message)


def validation_error(message: str) -> ServiceError:
    """ValidationException, 400: the service sends it, and its model does not know it."""
    return ServiceError("ValidationException", message, status=400)


def malformed_certificate(message: str) -> ServiceError:
    """MalformedCertificateException, 400."""
    return ServiceError("MalformedCertificateException", message)


def certificate_mismatch(message: str) -> ServiceError:
    """CertificateMismatchException, 400."""
    return ServiceError("CertificateMismatchException", message)


def malformed_csr(message: str) -> ServiceError:
    """MalformedCSRException, 400."""
    return ServiceError("MalformedCSRException", message)


# U
def invalid_arn(arn: str, noun: str) -> ServiceError:
    """InvalidArnException: an ARN that matches the model's pattern and names something else."""
    return ServiceError("InvalidArnException", f"{arn} is not the ARN of a {noun}.")


# U
def authority_not_found(arn: str) -> ServiceError:
    """ResourceNotFoundException for a private CA."""
    return ServiceError("ResourceNotFoundException", f"Could not find Certificate Authority {arn}.")


# U
def certificate_not_found(arn: str) -> ServiceError:
    """ResourceNotFoundException for a certificate."""
    return ServiceError("ResourceNotFoundException", f"Could not find Certificate {arn}.")


# R: what ListTags answers.
DELETED = "The certificate authority is in the DELETED state and must be restored to complete this action."
NOT_FOR_ISSUING = "The certificate authority is not in a valid state for issuing certificates."  # R
NOT_FOR_DELETION = "The certificate authority is not in a valid state for deletion."  # R
NOT_FOR_UPDATE = "The certificate authority must be in the ACTIVE or DISABLED state to be updated."  # D
NOT_FOR_IMPORT = "The certificate authority is not in a valid state for importing a certificate."  # U
NOT_DELETED = "The certificate authority must be in the DELETED state to be restored."  # D


# R: so for the certificate of a CA that has none yet.
def without_certificate(arn: str) -> ServiceError:
    """InvalidStateException of GetCertificateAuthorityCertificate."""
    return invalid_state(
        f"The certificate authority {arn} is not in the correct state to have a certificate signing request."
    )


# R: so for certificates of a CA in the DELETED state.
def without_issued(arn: str) -> ServiceError:
    """InvalidStateException of GetCertificate."""
    return invalid_state(f"The certificate authority {arn} is not in the correct state to have issued certificates.")


# Making a CA.
CUSTOM_AND_STANDARD = "Custom attributes cannot be used in combination with standard attributes."  # D
EMPTY_SUBJECT = "The subject must have at least one attribute."  # U


# U
def unsupported_algorithm(name: str) -> ServiceError:
    """A key or signing algorithm that the service's model has and this installation cannot use."""
    return invalid_args(f"{name} is not served by Gatewright: RSA and ECDSA keys can be used.")


# D: "The specified signing algorithm family (RSA or ECDSA) must match the algorithm family of the CA's secret key".
def family_differs(signing: str, key: str) -> ServiceError:
    """InvalidArgsException."""
    return invalid_args(f"The signing algorithm {signing} cannot be used with a CA key of {key}.")


# Issuing.
# U, in the words that users report.
BEYOND_AUTHORITY = (
    "The certificate validity specified exceeds the certificate authority validity. "
    "Specify a validity that ends before the certificate authority's certificate does."
)
SHORT_LIVED = "A certificate authority with the usage mode SHORT_LIVED_CERTIFICATE issues for seven days at most."  # D
VALIDITY_PAST = "The validity must end after the time of issuance and after its beginning."  # D
VALIDITY_UNREADABLE = "The validity is not a date, or lies beyond the year 9999."  # U
NOT_BEFORE_TYPE = "ValidityNotBefore must have the type ABSOLUTE."  # D
CSR_UNREADABLE = "The certificate signing request cannot be read: it must be one PKCS#10 request in PEM."  # U
CSR_SIGNATURE = "The signature of the certificate signing request is not valid."  # U
CSR_KEY = "The certificate signing request must have an RSA or an elliptic curve key."  # U
CSR_WITHOUT_NAME = "The certificate must have a subject or a subject alternative name."  # D
# D: "a root CA template": only for the CA's own self-signed certificate.
ROOT_TEMPLATE_OF_SUBORDINATE = "A root CA template can be used by a ROOT certificate authority only."
ROOT_TEMPLATE_OF_ANOTHER = "A root CA template needs the certificate authority's own certificate signing request."
# D: "The CA depth configured on a subordinate CA certificate must not exceed the limit set by its parents".
DEPTH = "The path length of the template must be smaller than the one of the certificate authority."


# U
def unknown_template(arn: str) -> ServiceError:
    """InvalidArgsException: no template has this ARN."""
    return invalid_args(f"{arn} is not the ARN of a certificate template.")


# Importing a CA's certificate.
UNREADABLE_CERTIFICATE = "The certificate must be one certificate in PEM."  # U
UNREADABLE_CHAIN = "The certificate chain must be certificates in PEM."  # U
OTHER_KEY = "The certificate is not for the key of this certificate authority."  # U
NOT_A_CA = (
    "The certificate is not a certificate authority's: its basic constraints must be critical, with CA:TRUE."  # D
)
MAY_NOT_SIGN = "The key usage of the certificate does not allow signing certificates."  # U
OUTSIDE_VALIDITY = "The certificate is not valid at present."  # U
ROOT_NOT_SELF_SIGNED = "Only a self-signed certificate can be imported as a root CA."  # D
SELF_SIGNED_SUBORDINATE = "A self-signed certificate cannot be imported as a subordinate CA."  # D
ROOT_WITH_CHAIN = "When you import a root CA, there is no chain."  # D
WITHOUT_CHAIN = "A certificate chain must be supplied when you import a subordinate CA."  # D
CHAIN_WITHOUT_ROOT = "The root CA must be the last certificate of the chain."  # D


# D
def forbidden_critical_extension(oid: str) -> ServiceError:
    """MalformedCertificateException: an extension that may not be critical in an imported CA certificate or chain."""
    return malformed_certificate(f"The extension {oid} must not be marked critical.")


# Revoking.
REVOKE_ROOT = "Self-signed certificate can not be revoked."  # R: the words that Terraform looks for
SERIAL_UNREADABLE = "The certificate serial must be in hexadecimal format."  # D


# U
def already_revoked(serial: str) -> ServiceError:
    """RequestAlreadyProcessedException, 400."""
    return ServiceError("RequestAlreadyProcessedException", f"The certificate {serial} has already been revoked.")


# The revocation configuration.
DISABLED_WITH_MORE = "A configuration that disables CRLs or OCSP must contain only Enabled=False."  # D
CRL_WITHOUT_PLACE = "A CRL configuration that is enabled needs S3BucketName and ExpirationInDays."  # U
PROTOCOL_IN_CNAME = 'A CNAME must not include a protocol prefix such as "http://" or "https://".'  # D
OCSP_NOT_SERVED = "OCSP is not served by Gatewright: it has no responder; a CRL tells what is revoked."
PARTITIONED_NOT_SERVED = "Partitioned CRLs are not served by Gatewright; a complete one can be published."
SUBJECT_INFORMATION_NOT_SERVED = "SubjectInformationAccess in a CSR is not served by Gatewright."


# U
def crl_bucket_unusable(bucket: str, why: str) -> ServiceError:
    """InvalidArgsException: the bucket is not there, or is another account's."""
    return invalid_args(f"The CRL cannot be written to the bucket {bucket}: {why}")


# Permissions.
ONLY_ACM = "acm.amazonaws.com is the only principal that permissions can be granted to."  # D


# U
def permission_exists(principal: str) -> ServiceError:
    """PermissionAlreadyExistsException, 400."""
    return ServiceError("PermissionAlreadyExistsException", f"The permission for {principal} already exists.")


# U
def permission_not_found(principal: str) -> ServiceError:
    """ResourceNotFoundException for a permission."""
    return ServiceError("ResourceNotFoundException", f"There is no permission for {principal}.")


# Tags and pages.
# U
def reserved_tag_key(key: str) -> ServiceError:
    """A key of AWS's own."""
    return ServiceError("InvalidTagException", f'The tag key "{key}" begins with "aws:", which is reserved.')


# U
def too_many_tags(tags: Mapping[str, str]) -> ServiceError:
    """TooManyTagsException, 400."""
    return ServiceError(
        "TooManyTagsException", f"A certificate authority can have 50 tags at most, and not {len(tags)}."
    )


# U
def invalid_next_token() -> ServiceError:
    """InvalidNextTokenException, 400."""
    return ServiceError("InvalidNextTokenException", "The NextToken is not valid.")
