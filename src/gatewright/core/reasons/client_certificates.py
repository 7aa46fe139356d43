"""Why mutual TLS refused a client (facts 3.2)."""

from typing import Final

from gatewright.core.reasons.reason import Evidence, Reason, Spelling


def _client_certificate(
    code: str, reason: str, *, summary: str, remedy: str, evidence: Evidence = Evidence.GUESSED
) -> Reason:
    """A client certificate that mutual TLS refuses: the handshake is completed, the request is not (facts 3.3)."""
    return Reason(
        code,
        "DEFAULT_4XX",
        403,
        "ForbiddenException",
        "Forbidden",
        Spelling.COMPACT,
        summary,
        remedy,
        evidence,
        "facts 3.2; the log's text is a guess" if evidence is Evidence.GUESSED else "facts 3.2",
        f"Access denied. Reason: {reason}",
    )


# Three of the log's texts were published; the others are a guess. `self signed certificate` is OpenSSL 1.1's text of
# X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, hence that library's texts where AWS has shown none.

CLIENT_CERT_UNREADABLE: Final = _client_certificate(
    "CLIENT_CERT_UNREADABLE",
    "Client cert could not be parsed",
    summary="The client's certificate cannot be read: {why}",
    remedy="Let the client send another certificate; `openssl x509 -in FILE -noout -text` shows what is in it.",
)
CLIENT_CERT_WEAK_SIGNATURE: Final = _client_certificate(
    "CLIENT_CERT_WEAK_SIGNATURE",
    "Client cert using an insecure Signature Algorithm",
    summary="The certificate {subject!r} is signed with {found}; expected is RSA (PKCS #1 v1.5) or ECDSA over SHA-256, "
    "SHA-384 or SHA-512.",
    remedy="Have the certificate issued again with a SHA-256 signature.",
    evidence=Evidence.SEEN,
)
CLIENT_CERT_WEAK_KEY: Final = _client_certificate(
    "CLIENT_CERT_WEAK_KEY",
    "Client cert using an insecure Key",
    summary="The certificate {subject!r} has a key of {found}; expected is RSA of 2048 bits or more, P-256 or P-384.",
    remedy="Make a new key of a supported kind and have a certificate issued for it.",
)
CLIENT_CERT_UNKNOWN_EXTENSION: Final = _client_certificate(
    "CLIENT_CERT_UNKNOWN_EXTENSION",
    "unhandled critical extension",
    summary="The certificate {subject!r} has a critical extension that the gateway does not process: {found}.",
    remedy="Have the certificate issued again without it, or with the extension marked as not critical.",
)
CLIENT_CERT_WRONG_PURPOSE: Final = _client_certificate(
    "CLIENT_CERT_WRONG_PURPOSE",
    "unsupported certificate purpose",
    summary="The certificate {subject!r} is not for TLS clients: {found}.",
    remedy="Have the certificate issued again for clientAuth, with digitalSignature if it has a key usage.",
)
CLIENT_CERT_SELF_SIGNED: Final = _client_certificate(
    "CLIENT_CERT_SELF_SIGNED",
    "self signed certificate",
    summary="The client's certificate {subject!r} is self-signed and is not in the truststore.",
    remedy="Put the certificate itself into the truststore and update the domain name, or use one that a CA issued.",
    evidence=Evidence.SEEN,
)
CLIENT_CERT_ISSUER_NOT_FOUND: Final = _client_certificate(
    "CLIENT_CERT_ISSUER_NOT_FOUND",
    "Could not find issuer for certificate",
    summary="The truststore has no certificate of {issuer!r}, which issued {subject!r}{sent}.",
    remedy="Put the whole chain into the truststore, from the issuing CA to the self-signed root, and update the domain "
    "name; what the client sends does not complete it.",
    evidence=Evidence.SEEN,
)
CLIENT_CERT_SIGNATURE_WRONG: Final = _client_certificate(
    "CLIENT_CERT_SIGNATURE_WRONG",
    "certificate signature failure",
    summary="The signature of {subject!r} was not made with the key of the certificate of {issuer!r} in the truststore.",
    remedy="Compare the issuer's certificate in the truststore with the one that issued this: it has the same name and "
    "another key, or the certificate was altered.",
)
CLIENT_CHAIN_NOT_CA: Final = _client_certificate(
    "CLIENT_CHAIN_NOT_CA",
    "invalid CA certificate",
    summary="The certificate {subject!r} stands as an issuer and is not a CA's: {found}.",
    remedy="Have the issuing CA's certificate made again with basicConstraints CA:TRUE and the key usage keyCertSign.",
)
CLIENT_CHAIN_PATH_LENGTH: Final = _client_certificate(
    "CLIENT_CHAIN_PATH_LENGTH",
    "path length constraint exceeded",
    summary="The CA {subject!r} allows {allowed} CA certificates below it, and the path has {found}.",
    remedy="Let a CA that is nearer to the root issue the client's certificate.",
)
CLIENT_CHAIN_TOO_LONG: Final = _client_certificate(
    "CLIENT_CHAIN_TOO_LONG",
    "certificate chain too long",
    summary="More than four CA certificates stand between the client's certificate {subject!r} and a root.",
    remedy="Let a CA that is nearer to the root issue the client's certificate.",
)
CLIENT_CHAIN_NAME_CONSTRAINTS: Final = _client_certificate(
    "CLIENT_CHAIN_NAME_CONSTRAINTS",
    "{subtree} subtree violation",
    summary="The CA {issuer!r} may not issue for a name of {subject!r}: {found}.",
    remedy="Have the certificate issued for names that the CA's name constraints allow.",
)
CLIENT_CERT_NOT_YET_VALID: Final = _client_certificate(
    "CLIENT_CERT_NOT_YET_VALID",
    "certificate is not yet valid",
    summary="The certificate {subject!r} is not valid before {not_before}.",
    remedy="Wait until then; if that time has passed, set the clock of the gateway or of the CA.",
)
CLIENT_CERT_EXPIRED: Final = _client_certificate(
    "CLIENT_CERT_EXPIRED",
    "certificate has expired",
    summary="The certificate {subject!r} has expired at {not_after}.",
    remedy="Renew it: a client's certificate at the client, a CA's in the truststore.",
)
CLIENT_CERT_REVOKED: Final = _client_certificate(
    "CLIENT_CERT_REVOKED",
    "certificate revoked",
    summary="The CA {issuer!r} has revoked the certificate {subject!r}, serial {serial}, at {revoked_at}.",
    remedy="Have a new certificate issued.",
    evidence=Evidence.OURS,
)
CLIENT_CERT_REVOCATION_UNKNOWN: Final = _client_certificate(
    "CLIENT_CERT_REVOCATION_UNKNOWN",
    "CRL has expired",
    summary="Whether {issuer!r} has revoked {subject!r} cannot be told: {why}.",
    remedy="Put the CA's current CRL beside the truststore, or remove the list if it is not to be asked.",
    evidence=Evidence.OURS,
)
CLIENT_CHAIN_SEARCH_EXHAUSTED: Final = _client_certificate(
    "CLIENT_CHAIN_SEARCH_EXHAUSTED",
    "Could not find issuer for certificate",
    summary="No path from {subject!r} to a root was found among the first {visited} certificates that could be on it.",
    remedy="Remove from the truststore CA certificates of the same name that are no longer used.",
    evidence=Evidence.OURS,
)

CLIENT_CERT_MISSING: Final = _client_certificate(
    "CLIENT_CERT_MISSING",
    "peer did not return a certificate",
    summary="{domain} asks for client certificates, and this connection was made without one, before it did.",
    remedy="Let the client open another connection, with its certificate.",
    evidence=Evidence.OURS,
)
TRUSTSTORE_MISSING: Final = _client_certificate(
    "TRUSTSTORE_MISSING",
    "Could not find issuer for certificate",
    summary="{domain} asks for client certificates and has no truststore, so nobody can be let in.",
    remedy="Set its truststore again: aws apigateway update-domain-name --domain-name {domain} --patch-operations "
    "op=replace,path=/mutualTlsAuthentication/truststoreUri,value=s3://…",
    evidence=Evidence.OURS,
)
TRUSTSTORE_UNREADABLE: Final = _client_certificate(
    "TRUSTSTORE_UNREADABLE",
    "Could not find issuer for certificate",
    summary="The truststore of {domain} cannot be used, so nobody can be let in: {why}",
    remedy="Mend the truststore, or the revocation lists beside it, and update the domain name.",
    evidence=Evidence.OURS,
)
