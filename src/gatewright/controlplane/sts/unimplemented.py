"""What STS does not answer yet, and why."""

from collections.abc import Mapping

_ROLES = "roles come with IAM"

UNIMPLEMENTED: Mapping[str, str] = {
    "AssumeRole": _ROLES,
    "AssumeRoleWithSAML": "there is no SAML identity provider; roles come with IAM",
    "AssumeRoleWithWebIdentity": "there is no web identity provider; roles come with IAM",
    "AssumeRoot": "there is no AWS Organizations behind an installation",
    "DecodeAuthorizationMessage": "refusals are not encoded; they say their reason in the open",
    "GetAccessKeyInfo": "access keys are managed with IAM",
    "GetDelegatedAccessToken": "there is no delegation between installations",
    "GetFederationToken": "federated users come with IAM",
    "GetSessionToken": "temporary credentials come with IAM",
    "GetWebIdentityToken": "an installation is no OpenID Connect provider",
}
