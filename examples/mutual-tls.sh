#!/usr/bin/env bash
# Mutual TLS for a custom domain name, from nothing, with the unmodified AWS CLI, openssl and curl: the commands of AWS's
# guide "How to turn on mutual TLS authentication for your REST APIs in API Gateway", in its order.
#
# Needs a running gateway (`make serve`), and `gatewright`, `aws`, `openssl` and `curl` on the PATH.
#   GATEWRIGHT_HTTPS   where the gateway's HTTPS listener is (127.0.0.1:8443)
#   KEEP=1             leave everything that was made, to play with
set -euo pipefail

https=${GATEWRIGHT_HTTPS:-127.0.0.1:8443}
name=api.example.com
bucket=truststore-$$-$RANDOM
work=$(mktemp -d)
api='' certificate='' domain='' has_bucket=''

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '$ %s\n' "$*" >&2; "$@"; }
fail() { printf 'mutual-tls.sh: %s\n' "$*" >&2; exit 1; }
expect() { # expect WHAT IN_TEXT
  case $2 in *"$1"*) ;; *) fail "expected to find '$1' in: $2" ;; esac
}

clean_up() {
  status=$?
  if [ "${KEEP:-}" != 1 ]; then
    [ -z "$domain" ] || aws apigateway delete-domain-name --domain-name "$domain" || true
    [ -z "$api" ] || aws apigateway delete-rest-api --rest-api-id "$api" || true
    [ -z "$certificate" ] || aws acm delete-certificate --certificate-arn "$certificate" || true
    [ -z "$has_bucket" ] || empty_bucket || true
  fi
  rm -rf "$work"
  exit "$status"
}
empty_bucket() { # every version goes, then the bucket
  aws s3api list-object-versions --bucket "$bucket" --query 'Versions[].[Key,VersionId]' --output text |
    while read -r key version; do
      aws s3api delete-object --bucket "$bucket" --key "$key" --version-id "$version" > /dev/null
    done
  aws s3 rb "s3://$bucket"
}
trap clean_up EXIT

for program in gatewright aws openssl curl; do
  command -v "$program" >/dev/null || fail "$program is not on the PATH"
done

say '1. Credentials and address of the control plane'
environment=$(gatewright env) || fail "there is no gateway here yet; start one with: make serve"
eval "$environment"
curl --silent --fail --output /dev/null "$AWS_ENDPOINT_URL/_gatewright/health" ||
  fail "no gateway answers at $AWS_ENDPOINT_URL; start one with: make serve"
echo "AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL"
gatewright ca > "$work/local-ca.pem"

say '2. A private CA, and a client certificate that it signs'
openssl genrsa -out "$work/RootCA.key" 2048 2>/dev/null
openssl req -new -x509 -days 30 -key "$work/RootCA.key" -subj '/O=Example/CN=Example Root CA' -out "$work/RootCA.pem"
make_client() { # make_client FILE CA: FILE.key and FILE.pem
  openssl genrsa -out "$work/$1.key" 2048 2>/dev/null
  openssl req -new -key "$work/$1.key" -subj "/O=Example/CN=$1" -out "$work/$1.csr"
  openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -CAcreateserial -days 30 -sha256 \
    -out "$work/$1.pem" 2>/dev/null
  openssl x509 -in "$work/$1.pem" -noout -subject -issuer
}
make_client my-cert RootCA

say '3. The truststore: all CAs up to the root in one file, in a bucket with versions'
cp "$work/RootCA.pem" "$work/certificates.pem"
run gatewright truststore lint "$work/certificates.pem"
run aws s3 mb "s3://$bucket"; has_bucket=1
run aws s3api put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled
run aws s3 cp "$work/certificates.pem" "s3://$bucket"

say '4. An API that can be called through its domain name alone, and a certificate for the name from ACM'
api=$(run aws apigateway create-rest-api --name mutual --disable-execute-api-endpoint \
  --endpoint-configuration types=REGIONAL --query id --output text)
root=$(run aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id' --output text)
method=(--rest-api-id "$api" --resource-id "$root" --http-method GET)
run aws apigateway put-method "${method[@]}" --authorization-type NONE > /dev/null
run aws apigateway put-integration "${method[@]}" --type MOCK \
  --request-templates '{"application/json":"{\"statusCode\": 200}"}' > /dev/null
run aws apigateway put-method-response "${method[@]}" --status-code 200 > /dev/null
run aws apigateway put-integration-response "${method[@]}" --status-code 200 \
  --response-templates '{"application/json":"{\"welcome\": true}"}' > /dev/null
run aws apigateway create-deployment --rest-api-id "$api" --stage-name prod > /dev/null
certificate=$(run aws acm request-certificate --domain-name "$name" --validation-method DNS \
  --query CertificateArn --output text)
run aws acm wait certificate-validated --certificate-arn "$certificate"

say '5. The domain name, which asks for client certificates from the first request on'
run aws apigateway create-domain-name --region "$AWS_DEFAULT_REGION" \
  --domain-name "$name" \
  --regional-certificate-arn "$certificate" \
  --endpoint-configuration types=REGIONAL \
  --security-policy TLS_1_2 \
  --mutual-tls-authentication "truststoreUri=s3://$bucket/certificates.pem"
domain=$name
run aws apigateway create-base-path-mapping --domain-name "$name" --rest-api-id "$api" --stage prod > /dev/null

call() { # call [OPTIONS]: status and body
  run curl --silent --show-error --cacert "$work/local-ca.pem" --connect-to "$name:443:$https" \
    --write-out ' %{http_code}\n' "$@" "https://$name/"
}

say '6. With a certificate of the private CA'
reply=$(call --key "$work/my-cert.key" --cert "$work/my-cert.pem"); echo "$reply"
expect '{"welcome": true} 200' "$reply"

say '7. With none, and with that of a stranger'
if reply=$(call 2>&1); then fail "a client without a certificate was let in: $reply"; fi
echo "$reply"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=stranger' \
  -keyout "$work/stranger.key" -out "$work/stranger.pem" 2>/dev/null
reply=$(call --key "$work/stranger.key" --cert "$work/stranger.pem"); echo "$reply"
expect '{"message":"Forbidden"} 403' "$reply"

say '8. Another truststore: uploading it changes nothing, naming its version does'
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/O=Example/CN=Second Root CA' \
  -keyout "$work/SecondCA.key" -out "$work/SecondCA.pem" 2>/dev/null
make_client new-cert SecondCA
cp "$work/SecondCA.pem" "$work/certificates.pem"
# Who was let in lately and would be refused from then on? (Exit code 1: somebody.)
impact=$(run gatewright truststore check "$work/certificates.pem" --impact "$name") || true; echo "$impact"
expect '1 of the 1 clients that api.example.com has let in lately would be refused.' "$impact"
run aws s3 cp "$work/certificates.pem" "s3://$bucket"
reply=$(call --key "$work/my-cert.key" --cert "$work/my-cert.pem"); expect '{"welcome": true} 200' "$reply"
version=$(run aws s3api list-object-versions --bucket "$bucket" --prefix certificates.pem \
  --query 'Versions[?IsLatest].VersionId' --output text)
run aws apigateway update-domain-name \
  --domain-name "$name" \
  --patch-operations "op='replace',path='/mutualTlsAuthentication/truststoreVersion',value='$version'"
reply=$(call --key "$work/new-cert.key" --cert "$work/new-cert.pem"); echo "$reply"
expect '{"welcome": true} 200' "$reply"
reply=$(call --key "$work/my-cert.key" --cert "$work/my-cert.pem"); echo "$reply"
expect '{"message":"Forbidden"} 403' "$reply"

say '9. Mutual TLS off again'
run aws apigateway update-domain-name \
  --domain-name "$name" \
  --patch-operations "op='replace',path='/mutualTlsAuthentication/truststoreUri',value=''"
reply=$(call); echo "$reply"
expect '{"welcome": true} 200' "$reply"

say 'Done: only clients with a certificate of the truststore were let in.'
[ "${KEEP:-}" != 1 ] || { trap - EXIT; echo "Kept. The certificates are in $work, the API is $api, the bucket $bucket."; }
