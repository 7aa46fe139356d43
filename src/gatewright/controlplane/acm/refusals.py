"""What ACM says when it refuses: every literal message of the service in one place, with how well it is known.

Marks: R, seen in an answer of the real service; P, quoted by the AWS Knowledge Center ("troubleshoot issues when
importing a certificate into ACM"); D, the rule is documented and the sentence is ours; C, another implementation says
it so; U, a guess.
"""

from collections.abc import Mapping

from gatewright.controlplane.errors import ServiceError


def validation_error(message: str) -> ServiceError:
    """ValidationException, 400."""
    return ServiceError("ValidationException", message)


# R: DescribeCertificate and its like name the account, ImportCertificate does not.
def certificate_not_found(arn: str, account: str) -> ServiceError:
    """ResourceNotFoundException of the operations that read, tag or delete a certificate."""
    return ServiceError("ResourceNotFoundException", f"Could not find certificate {arn} in account {account}.")


def reimport_target_not_found(arn: str) -> ServiceError:
    """ResourceNotFoundException of ImportCertificate."""
    return ServiceError("ResourceNotFoundException", f"Could not find certificate {arn}.")


# U: an ARN that matches the model's pattern and names something else than a certificate.
def not_a_certificate_arn(arn: str) -> ServiceError:
    """InvalidArnException, 400."""
    return ServiceError("InvalidArnException", f"The certificate ARN is not valid: {arn}.")


# R
def certificate_in_use(arn: str, account: str) -> ServiceError:
    """ResourceInUseException, 400."""
    return ServiceError("ResourceInUseException", f"Certificate {arn} in account {account} is in use.")


# U, both: M has "in process and the certificate in your account has not yet been issued", which is not so when it failed.
# Whoever waits while that is answered would wait for ever.
def not_issued(arn: str, status: str, failure_reason: str | None) -> ServiceError:
    """There is no certificate: RequestInProgressException while it may come, ResourceNotFoundException when it will not."""
    if status == "PENDING_VALIDATION":
        return ServiceError("RequestInProgressException", f"Certificate {arn} is still in progress.")
    why = status if failure_reason is None else f"{status}, {failure_reason}"
    return ServiceError(
        "ResourceNotFoundException", f"Certificate {arn} was never issued: its request has ended ({why})."
    )


def invalid_state(message: str) -> ServiceError:
    """InvalidStateException, 400."""
    return ServiceError("InvalidStateException", message)


# U
def invalid_validation_options(domain: str, validation_domain: str) -> ServiceError:
    """InvalidDomainValidationOptionsException, 400."""
    return ServiceError(
        "InvalidDomainValidationOptionsException",
        f"{domain} must be a domain name of the certificate, and {validation_domain} the same or a superdomain of it.",
    )


# C
def too_many_tags(tags: Mapping[str, str]) -> ServiceError:
    """TooManyTagsException, 400."""
    listed = ", ".join(f"{key}={value}" for key, value in tags.items())
    return ServiceError("TooManyTagsException", f"the TagSet: '{{{listed}}}' contains too many Tags")


# C
def reserved_tag_key(key: str) -> ServiceError:
    """A key of AWS's own."""
    return validation_error(f'Invalid Tag Key: "{key}". AWS internal tags cannot be changed with this API')


# The certificate itself.
# R; the service also said it of text that holds no certificate at all on a line of its own.
SEVERAL_CERTIFICATES = (
    "The certificate field contains more than one certificate. You can specify only one certificate in this field."
)
UNREADABLE_CERTIFICATE = "Unable to parse certificate. Please ensure the certificate is in PEM format."  # P
EXPIRED = "The certificate has expired, is not valid."  # C
NOT_YET_VALID = "The certificate is not in effect yet, is not valid."  # C
WITHOUT_ISSUER = "The Issuer field of the certificate must not be empty."  # D
WITHOUT_NAMES = "The certificate does not contain a domain name."  # U

# The private key.
UNSUPPORTED_KEY = "The private key is not supported."  # P
NOT_A_PRIVATE_KEY = "Passed PEM was not a private key."  # R
ENCRYPTED_KEY = "Your private key should not be encrypted."  # P
KEY_MISMATCH = "The private key does not match the certificate."  # D


# P
def unsupported_key_length(bits: int) -> str:
    """An RSA key of another size than 1024, 2048, 3072 or 4096 bits."""
    return f"The private key length {bits} is not supported for key algorithm."


# The chain.
UNREADABLE_CHAIN = "The certificate chain provided is not in a valid PEM format."  # P
# R
NOT_SELF_SIGNED = (
    "Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or "
    "certificate chain."
)
CHAIN_OF_ANOTHER = "Could not validate the certificate with the certificate chain."  # R


# R
def chain_out_of_order(index: int) -> str:
    """`index` counts the certificates of the chain from 0."""
    return (
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "
        "followed by any intermediaries in order. The index within the chain of the invalid certificate is: "
        f"{index}"
    )


# Importing again under the same ARN.
TAGS_ON_REIMPORT = "Tagging is not permitted on re-import."  # R
NOT_IMPORTED = "Only imported certificates can be re-imported."  # U
# D: "The key type and size cannot be changed", "you cannot remove existing values".
KEY_CHANGED = "The key type and key size of the certificate cannot be changed on re-import."
KEY_USAGE_REMOVED = "Key Usage extension values of the certificate cannot be removed on re-import."
EXTENDED_KEY_USAGE_REMOVED = "Extended Key Usage extension values of the certificate cannot be removed on re-import."

# Listing.
SORT_BY_WITHOUT_ORDER = "SortBy and SortOrder must be specified together."  # D
INVALID_NEXT_TOKEN = "The NextToken is not valid."  # noqa: S105  U; a message, not a secret

# Requesting, D: the rules are the API Reference's.
FIRST_NAME_TOO_LONG = (
    "The first domain name can be no longer than 64 characters; longer ones can be Subject Alternative Names."
)
HTTP_WITHOUT_CLOUDFRONT = "HTTP validation is only for certificates that CloudFront manages."
MANAGED_BY_CLOUDFRONT = "Certificates that CloudFront manages are requested by CloudFront."
# P: issue 95 of cloudposse/terraform-aws-acm-request-certificate quotes it.
OPTIONS_OF_PRIVATE = (
    "One or more of the options specified in the request are not supported for PRIVATE certificate types"
)
OPTIONS_OF_IMPORTED = "The options of imported certificates cannot be changed."  # U


def options_of_state(status: str) -> str:
    """U"""
    return f"The options of a certificate in the state {status} cannot be changed."


# Exporting, renewing and revoking. D: the rules; U: the words.
PASSPHRASE = "The passphrase can have any ASCII character except #, $ and %."  # noqa: S105  a message, not a secret
IMPORTED_NOT_RENEWED = "Imported certificates are not renewed; import a new one under the same ARN."
REVOKE_NOT_ISSUED = "Only public certificates that ACM issued can be revoked."
REVOKE_NOT_EXPORTED = "Only certificates that have been exported can be revoked."


def not_exportable(arn: str) -> str:
    """An imported certificate, or a public one without the option."""
    return f"Certificate {arn} is not a private certificate, and its option Export is not ENABLED."


def not_eligible(arn: str) -> str:
    """Neither used nor exported."""
    return f"Certificate {arn} is not eligible for renewal: nothing uses it, and it has not been exported."


# Validation by mail.
NO_MAIL_AWAITED = "The certificate does not wait for validation by email."  # U
# Ours alone.
NO_MAIL_SENT = "No email is sent here: the domain name is validated over DNS, or not at all."
