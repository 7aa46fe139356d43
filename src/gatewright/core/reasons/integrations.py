"""Why an integration failed (facts 7.8)."""

from typing import Final

from gatewright.core.reasons.reason import Evidence, Reason, Spelling, configuration

BACKEND_UNREACHABLE: Final = configuration(
    "BACKEND_UNREACHABLE",
    "API_CONFIGURATION_ERROR",
    summary="The backend {endpoint} could not be reached: {why}.",
    remedy="Check that the name resolves and that something listens there.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Invalid endpoint address",
)
BACKEND_UNTRUSTED_ROOT: Final = configuration(
    "BACKEND_UNTRUSTED_ROOT",
    "DEFAULT_5XX",
    summary="The certificate of {endpoint} does not lead to a trusted root: {why}.",
    remedy="Use a publicly trusted certificate with its full chain, or start the gateway with --upstream-ca FILE.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: "
    "unable to find valid certification path to requested target",
)
BACKEND_CERT_EXPIRED: Final = configuration(
    "BACKEND_CERT_EXPIRED",
    "DEFAULT_5XX",
    summary="The certificate of {endpoint} is outside its validity: {why}.",
    remedy="Renew the backend's certificate.",
    evidence=Evidence.DOCUMENTED,
    citation="facts 7.8",
    log="PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
)
BACKEND_NAME_MISMATCH: Final = configuration(
    "BACKEND_NAME_MISMATCH",
    "DEFAULT_5XX",
    summary="The certificate of {endpoint} is for another name: {why}.",
    remedy="Use the certificate's name in the integration's uri, or a certificate for that name.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Host name '{host}' does not match the certificate subject provided by the peer ({subject})",
)
BACKEND_TLS_FAILED: Final = configuration(
    "BACKEND_TLS_FAILED",
    "DEFAULT_5XX",
    summary="The TLS handshake with {endpoint} failed: {why}.",
    remedy="Check that the backend speaks TLS 1.2 or newer on that port.",
    evidence=Evidence.SEEN,
    citation="facts 7.8",
    log="General SSLEngine problem",
)
BACKEND_CONNECTION_LOST: Final = Reason(
    "BACKEND_CONNECTION_LOST",
    "INTEGRATION_FAILURE",
    504,
    "InternalServerErrorException",
    "Network error communicating with endpoint",
    Spelling.SPACED,
    summary="The backend {endpoint} closed the connection in the middle of the call: {why}.",
    remedy="Look at the backend's log; it ended the connection before its answer was whole.",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Execution failed due to a network error communicating with endpoint: Connection is closed",
)
BACKEND_TIMEOUT: Final = Reason(
    "BACKEND_TIMEOUT",
    "INTEGRATION_TIMEOUT",
    504,
    "InternalServerErrorException",
    "Endpoint request timed out",
    Spelling.SPACED,
    summary="The backend {endpoint} did not answer within {timeout_in_millis} ms.",
    remedy="Make the backend faster, or raise the integration's timeoutInMillis (at most 29000).",
    evidence=Evidence.RECORDED,
    citation="facts 7.8",
    log="Execution failed due to a timeout error",
    traced=True,
)
BACKEND_ANSWER_MALFORMED: Final = Reason(
    "BACKEND_ANSWER_MALFORMED",
    "INTEGRATION_FAILURE",
    504,
    "InternalServerErrorException",
    "Network error communicating with endpoint",
    Spelling.SPACED,
    summary="The answer of {endpoint} is not valid HTTP: {why}.",
    remedy="Mend the backend; an answer that can be read in two ways is not passed on.",
    evidence=Evidence.OURS,
    citation="Gatewright",
    log="Execution failed due to a network error communicating with endpoint: Connection is closed",
)
BACKEND_ANSWER_TOO_LARGE: Final = configuration(
    "BACKEND_ANSWER_TOO_LARGE",
    "API_CONFIGURATION_ERROR",
    summary="The answer of {endpoint} is larger than 10 MB (10,485,760 bytes).",
    remedy="Send less at once, or hand out links to an object store.",
    evidence=Evidence.GUESSED,
    citation="facts 7.2; the limit is documented, the answer a guess",
    log="Response payload exceeds the maximum allowed size",
)
RESERVED_HEADER_MAPPED: Final = configuration(
    "RESERVED_HEADER_MAPPED",
    "API_CONFIGURATION_ERROR",
    summary="The integration maps the reserved header {header}.",
    remedy="Remove integration.request.header.{header} from the integration's request parameters and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 7.3",
    log="{header} header already present",
)
MOCK_WITHOUT_STATUS: Final = configuration(
    "MOCK_WITHOUT_STATUS",
    "API_CONFIGURATION_ERROR",
    summary="The mock integration's request template gives no integer statusCode.",
    remedy='Give it a request template for the request\'s content type, such as {{"statusCode": 200}}.',
    evidence=Evidence.RECORDED,
    citation="facts 7.1",
    log="Unable to parse statusCode. It should be an integer that is defined in the request template.",
)
NO_OUTPUT_MAPPING: Final = configuration(
    "NO_OUTPUT_MAPPING",
    "API_CONFIGURATION_ERROR",
    summary="No integration response matches status {backend_status} and there is no default one.",
    remedy="Add an integration response without a selectionPattern, or one that matches, and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 7.6",
    log="No match for output mapping and no default output mapping configured. "
    "Endpoint Response Status Code: {backend_status}",
)
METHOD_RESPONSE_MISSING: Final = configuration(
    "METHOD_RESPONSE_MISSING",
    "API_CONFIGURATION_ERROR",
    summary="The integration response maps to status {status_code}, which the method does not declare.",
    remedy="aws apigateway put-method-response … --status-code {status_code}, and deploy.",
    evidence=Evidence.SEEN,
    citation="facts 7.6",
    log="Output mapping refers to an invalid method response: {status_code}",
)
RESPONSE_NOT_FINAL: Final = configuration(
    "RESPONSE_NOT_FINAL",
    "API_CONFIGURATION_ERROR",
    summary="The integration response maps to status {status_code}, and after a 1xx the client would wait for the answer.",
    remedy="Map to a status from 200 to 599, and deploy.",
    evidence=Evidence.GUESSED,
    citation="RFC 9110 section 15.2",
    log="Output mapping refers to an invalid method response: {status_code}",
)
INTEGRATION_NOT_SERVED: Final = configuration(
    "INTEGRATION_NOT_SERVED",
    "API_CONFIGURATION_ERROR",
    summary="{method} {resource} needs what this release does not serve: {what}.",
    remedy="Use HTTP, HTTP_PROXY, AWS_PROXY with a Lambda function, or MOCK, with literal templates; docs/divergences.md lists what is served.",
    evidence=Evidence.OURS,
    citation="Gatewright",
    log="{what} is not served by this gateway",
)
LAMBDA_NOT_CONFIGURED: Final = configuration(
    "LAMBDA_NOT_CONFIGURED",
    "API_CONFIGURATION_ERROR",
    summary="The function {function} was to be invoked, and the gateway does not know where functions run.",
    remedy="Start the gateway with --lambda URL, the endpoint of an Invoke API: http://127.0.0.1:3001 of SAM local, or "
    "https://lambda.{{region}}.amazonaws.com with AWS credentials in its environment.",
    evidence=Evidence.OURS,
    citation="Gatewright",
    log="Invalid endpoint address",
)
LAMBDA_NOT_POST: Final = configuration(
    "LAMBDA_NOT_POST",
    # The recording suggests INTEGRATION_FAILURE, of which the service says itself that it is a 504.
    "API_CONFIGURATION_ERROR",
    summary="The integration would invoke {function} with {verb}; Lambda functions are invoked with POST only.",
    remedy="aws apigateway update-integration … --patch-operations op=replace,path=/httpMethod,value=POST, and deploy.",
    evidence=Evidence.RECORDED,
    citation="facts 7.1; the log's text is a guess",
    log="Invalid permissions on Lambda function",
)
LAMBDA_PERMISSION_DENIED: Final = configuration(
    "LAMBDA_PERMISSION_DENIED",
    "API_CONFIGURATION_ERROR",
    summary="Lambda answered {status} to the invocation of {function}: {said}",
    remedy="Let the gateway's credentials invoke the function (lambda:InvokeFunction), and give it valid ones: they are those of "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where it was started. On AWS: aws lambda add-permission "
    "--principal apigateway.amazonaws.com.",
    evidence=Evidence.SEEN,
    citation="facts 7.8",
    log="Invalid permissions on Lambda function",
)
LAMBDA_FUNCTION_UNKNOWN: Final = configuration(
    "LAMBDA_FUNCTION_UNKNOWN",
    "API_CONFIGURATION_ERROR",
    summary="Lambda knows no function {function}: {said}",
    remedy="Name a function that is there in the integration's uri (aws lambda list-functions), also in its stage variables, "
    "and deploy.",
    evidence=Evidence.SEEN,
    citation="facts 7.8: to a client without permission Lambda looks the same",
    log="Invalid permissions on Lambda function",
)
LAMBDA_THROTTLED: Final = Reason(
    "LAMBDA_THROTTLED",
    "DEFAULT_5XX",
    500,
    "InternalServerErrorException",
    "Internal server error",
    Spelling.SPACED,
    summary="Lambda throttled the invocation of {function}: {said}. It was not a limit of this gateway's.",
    remedy="Raise the function's reserved concurrency or the account's (aws lambda get-account-settings), or lower the limits of "
    "the stage, so that clients get a 429 before Lambda does.",
    evidence=Evidence.SEEN,
    citation="facts 2.6, 7.8; the response type is a guess",
    log="Lambda execution failed with status {status}",
)
LAMBDA_INVOKE_FAILED: Final = Reason(
    "LAMBDA_INVOKE_FAILED",
    "DEFAULT_5XX",
    502,
    "InternalServerErrorException",
    "Internal server error",
    Spelling.SPACED,
    summary="Lambda answered {status} to the invocation of {function}: {said}",
    remedy="Look at what Lambda says: 413 is a payload of more than 6 MB, 5xx is Lambda's own trouble or that of who runs "
    "functions in its place.",
    evidence=Evidence.GUESSED,
    citation="facts 7.6; the log's text is that of the other failures",
    log="Lambda execution failed with status {status}",
)
LAMBDA_FUNCTION_FAILED: Final = Reason(
    "LAMBDA_FUNCTION_FAILED",
    "DEFAULT_5XX",
    502,
    "InternalServerErrorException",
    "Internal server error",
    Spelling.SPACED,
    summary="The function {function} failed: {said}",
    remedy="Mend the function; its log has the request {invocation_id}. An error that it handles itself it should answer with a "
    "statusCode.",
    evidence=Evidence.RECORDED,
    citation="facts 7.6",
    log="Lambda execution failed with status {status} due to customer function error: {said}. "
    "Lambda request id: {invocation_id}",
)
LAMBDA_ANSWER_MALFORMED: Final = Reason(
    "LAMBDA_ANSWER_MALFORMED",
    "DEFAULT_5XX",
    502,
    "InternalServerErrorException",
    "Internal server error",
    Spelling.SPACED,
    summary="What the function {function} answered cannot be made into a response: {why}.",
    remedy='Answer with {{"statusCode": 200, "headers": {{}}, "body": "text"}} and no other members; the body must be a string.',
    evidence=Evidence.RECORDED,
    citation="facts 7.6",
    log="Execution failed due to configuration error: Malformed Lambda proxy response",
)
LAMBDA_BODY_NOT_BASE64: Final = configuration(
    "LAMBDA_BODY_NOT_BASE64",
    "API_CONFIGURATION_ERROR",
    summary="The function {function} said isBase64Encoded, and its body is not base64.",
    remedy="Encode the body, or leave isBase64Encoded out.",
    evidence=Evidence.DOCUMENTED,
    citation="facts 2.6, 7.5; the log's text is a guess",
    log="Unable to base64 decode the body.",
)
