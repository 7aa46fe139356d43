"""Why a key, a throttle or a quota refused a request (facts 4)."""

from typing import Final

from gatewright.core.reasons.reason import Evidence, Reason, Spelling

#: Facts 4.5, of a key without a plan; the same form for the other refusals of keys is a guess.
_NOT_AUTHORIZED: Final = (
    "API Key {api_key} not authorized because method '{method} {resource}' requires API Key and API Key is "
)


def _api_key(code: str, *, summary: str, remedy: str, log: str) -> Reason:
    return Reason(
        code,
        "INVALID_API_KEY",
        403,
        "ForbiddenException",
        "Forbidden",
        Spelling.COMPACT,
        summary,
        remedy,
        Evidence.RECORDED,
        "facts 4.3",
        log,
    )


def _throttled(code: str, *, summary: str, remedy: str, evidence: Evidence, citation: str, log: str) -> Reason:
    return Reason(
        code,
        "THROTTLED",
        429,
        "TooManyRequestsException",
        "Too Many Requests",
        Spelling.COMPACT,
        summary,
        remedy,
        evidence,
        citation,
        log,
    )


_BUCKET: Final = (
    "Its bucket fills with {rate} tokens a second, holds {burst}, and had {tokens} at that instant (level: {level})."
)
# Paths of commands stand between quotes: the CLI's shorthand takes the braces of a path parameter only so.
_HERE: Final = (
    "RestApi {api_id}, Stage {stage}, Resource {resource_id}, HttpMethod {method}. Limit: {rate} Burst: {burst}"
)

API_KEY_MISSING: Final = _api_key(
    "API_KEY_MISSING",
    summary="{method} {resource} asks for an API key, and the request carries none ({source}).",
    remedy="Send a valid key in x-api-key, or set apiKeyRequired to false and deploy.",
    log="API Key  not authorized because method '{method} {resource}' requires API Key and API Key is missing",
)
API_KEY_UNKNOWN: Final = _api_key(
    "API_KEY_UNKNOWN",
    summary="No API key of account {account} in {region} has the value {api_key} that the request carries.",
    remedy="Send the value of a key that exists: aws apigateway get-api-keys --include-values --region {region}",
    log=_NOT_AUTHORIZED + "not known",
)
API_KEY_DISABLED: Final = _api_key(
    "API_KEY_DISABLED",
    summary="The API key {key_id} of the request is disabled.",
    remedy="Enable it: aws apigateway update-api-key --api-key {key_id} --region {region} --patch-operations "
    "op=replace,path=/enabled,value=true",
    log=_NOT_AUTHORIZED + "disabled",
)
API_KEY_NOT_IN_PLAN: Final = _api_key(
    "API_KEY_NOT_IN_PLAN",
    summary="The API key {key_id} is in no usage plan that has stage {stage} of API {api_id}.",
    remedy="Add the key to a plan of the stage: aws apigateway create-usage-plan-key --usage-plan-id … --key-id {key_id} "
    "--key-type API_KEY --region {region}",
    log=_NOT_AUTHORIZED
    + "not associated with a Usage Plan for API Stage {api_id}/{stage}: No Usage Plan found for key "
    "and API Stage",
)
THROTTLED_PLAN: Final = _throttled(
    "THROTTLED_PLAN",
    summary="The API key {key_id} called faster than usage plan {plan} allows each of its keys. " + _BUCKET,
    remedy="Raise it: aws apigateway update-usage-plan --usage-plan-id {plan} --region {region} --patch-operations "
    "op=replace,path=/throttle/rateLimit,value=… op=replace,path=/throttle/burstLimit,value=…",
    evidence=Evidence.RECORDED,
    citation="facts 4.2, 4.5",
    log="API Key {api_key} exceeded throttle limit for API Stage {api_id}/{stage}: Key throttle limit exceeded for Usage "
    "Plan ID {plan}, " + _HERE,
)
THROTTLED_PLAN_METHOD: Final = _throttled(
    "THROTTLED_PLAN_METHOD",
    summary="The API key {key_id} called {method} {resource} faster than usage plan {plan} allows on that method. "
    + _BUCKET,
    remedy="Raise it: aws apigateway update-usage-plan --usage-plan-id {plan} --region {region} --patch-operations "
    "'op=replace,path=\"/apiStages/{api_id}:{stage}/throttle/{setting}/{method}/rateLimit\",value=…' "
    "'op=replace,path=\"/apiStages/{api_id}:{stage}/throttle/{setting}/{method}/burstLimit\",value=…'",
    evidence=Evidence.RECORDED,
    citation="facts 4.2, 4.5",
    log=THROTTLED_PLAN.log or "",
)
THROTTLED_STAGE: Final = _throttled(
    "THROTTLED_STAGE",
    summary="{method} {resource} was called faster than stage {stage} of API {api_id} allows on it. " + _BUCKET,
    remedy="Raise it: aws apigateway update-stage --rest-api-id {api_id} --stage-name {stage} --region {region} "
    "--patch-operations 'op=replace,path=\"/{setting}/{method}/throttling/rateLimit\",value=…' "
    "'op=replace,path=\"/{setting}/{method}/throttling/burstLimit\",value=…' (or /*/*/throttling/… for all methods)",
    evidence=Evidence.SEEN,
    citation="facts 4.2, 4.5",
    log="Key throttle limit exceeded for " + _HERE,
)
THROTTLED_ACCOUNT: Final = _throttled(
    "THROTTLED_ACCOUNT",
    summary="All APIs of account {account} in {region} together were called faster than an account may be. " + _BUCKET,
    remedy="Start the gateway with a higher limit: gatewright serve --account-throttle RATE:BURST",
    evidence=Evidence.DOCUMENTED,
    citation="facts 4.1, 4.2; the log's text is a guess",
    log="Account throttle limit exceeded for " + _HERE,
)
THROTTLED_REGION: Final = _throttled(
    "THROTTLED_REGION",
    summary="All APIs of all accounts in {region} together were called faster than ten accounts may be. " + _BUCKET,
    remedy="Start the gateway with a higher limit, of which a region has ten times: gatewright serve --account-throttle "
    "RATE:BURST",
    evidence=Evidence.DOCUMENTED,
    citation="facts 4.2; the limit is ours, the log's text a guess",
    log="Region throttle limit exceeded for " + _HERE,
)
QUOTA_EXCEEDED: Final = Reason(
    "QUOTA_EXCEEDED",
    "QUOTA_EXCEEDED",
    429,
    "LimitExceededException",
    "Limit Exceeded",
    Spelling.COMPACT,
    summary="The API key {key_id} has used its quota of {limit} requests a {period} under usage plan {plan}; the next period "
    "begins in {retry_in} s.",
    remedy="Grant it more for this period: aws apigateway update-usage --usage-plan-id {plan} --key-id {key_id} --region "
    "{region} --patch-operations op=replace,path=/remaining,value=… or for good: aws apigateway update-usage-plan "
    "--usage-plan-id {plan} --region {region} --patch-operations op=replace,path=/quota/limit,value=…",
    evidence=Evidence.RECORDED,
    citation="facts 4.2, 4.5",
    log="API Key {api_key} exceeded quota limit for API Stage {api_id}/{stage}: Key quota exhausted for Usage Plan ID {plan}. "
    "Limit: {limit} Period: {period}",
)
