#!/usr/bin/env bash
# A custom domain name with its own certificate, from nothing, with the unmodified AWS CLI, openssl and curl.
#
# Needs a running gateway (`make serve`), and `gatewright`, `aws`, `openssl`, `curl` and `python3` on the PATH.
#   GATEWRIGHT_HTTPS   where the gateway's HTTPS listener is (127.0.0.1:8443)
#   BACKEND            an HTTP backend to use; a small one is started when it is not set
#   KEEP=1             leave everything that was made, to play with
set -euo pipefail

https=${GATEWRIGHT_HTTPS:-127.0.0.1:8443}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
api='' domains=() certificates=() backend_pid=''

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '$ %s\n' "$*" >&2; "$@"; }
fail() { printf 'custom-domain.sh: %s\n' "$*" >&2; exit 1; }

clean_up() {
  status=$?
  [ -z "$backend_pid" ] || kill "$backend_pid" 2>/dev/null || true
  if [ "${KEEP:-}" != 1 ]; then
    for name in "${domains[@]}"; do aws apigateway delete-domain-name --domain-name "$name" || true; done
    [ -z "$api" ] || aws apigateway delete-rest-api --rest-api-id "$api" || true
    for arn in "${certificates[@]}"; do aws acm delete-certificate --certificate-arn "$arn" || true; done
  fi
  rm -rf "$work"
  exit "$status"
}
trap clean_up EXIT

for program in gatewright aws openssl curl python3; do
  command -v "$program" >/dev/null || fail "$program is not on the PATH"
done

say '1. Credentials and address of the control plane'
environment=$(gatewright env) || fail "there is no gateway here yet; start one with: make serve"
eval "$environment"
curl --silent --fail --output /dev/null "$AWS_ENDPOINT_URL/_gatewright/health" ||
  fail "no gateway answers at $AWS_ENDPOINT_URL; start one with: make serve"
echo "AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL"

say '2. A backend on this machine'
if [ -z "${BACKEND:-}" ]; then
  python3 "$here/backend.py" 0 > "$work/backend" &
  backend_pid=$!
  for _ in $(seq 100); do [ -s "$work/backend" ] && break; sleep 0.05; done
  BACKEND=$(head -n 1 "$work/backend")
fi
echo "$BACKEND"

say '3. A private CA, and key pairs for www.example.com and *.example.com'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Example CA' \
  -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
make_certificate() { # make_certificate FILE NAME
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$2" > "$work/$1.ext"
  openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 30 \
    -extfile "$work/$1.ext" -out "$work/$1.pem" 2>/dev/null
  openssl x509 -in "$work/$1.pem" -noout -subject
}
make_certificate www www.example.com
make_certificate wildcard '*.example.com'

say '4. Import them into ACM'
import_certificate() { # import_certificate FILE
  run aws acm import-certificate --certificate "fileb://$work/$1.pem" --private-key "fileb://$work/$1.key" \
    --certificate-chain "fileb://$work/ca.pem" --query CertificateArn --output text
}
www_arn=$(import_certificate www); certificates+=("$www_arn")
wildcard_arn=$(import_certificate wildcard); certificates+=("$wildcard_arn")

say '5. A REST API: /pets/{id} and /files/{proxy+} by HTTP_PROXY, /pets by HTTP, /health by MOCK'
api=$(run aws apigateway create-rest-api --name pets --endpoint-configuration types=REGIONAL --query id --output text)
root=$(run aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id' --output text)
resource() { # resource PARENT PATH_PART
  run aws apigateway create-resource --rest-api-id "$api" --parent-id "$1" --path-part "$2" --query id --output text
}
method() { # method RESOURCE VERB [MORE]
  run aws apigateway put-method --rest-api-id "$api" --resource-id "$1" --http-method "$2" \
    --authorization-type NONE "${@:3}" > /dev/null
}
integration() { # integration RESOURCE VERB TYPE [MORE]
  run aws apigateway put-integration --rest-api-id "$api" --resource-id "$1" --http-method "$2" --type "$3" \
    "${@:4}" > /dev/null
}
answer() { # answer RESOURCE VERB [MORE for the integration response]
  run aws apigateway put-method-response --rest-api-id "$api" --resource-id "$1" --http-method "$2" --status-code 200 > /dev/null
  run aws apigateway put-integration-response --rest-api-id "$api" --resource-id "$1" --http-method "$2" \
    --status-code 200 "${@:3}" > /dev/null
}
pets=$(resource "$root" pets)
pet=$(resource "$pets" '{id}')
files=$(resource "$root" files)
file=$(resource "$files" '{proxy+}')
health=$(resource "$root" health)

method "$pet" GET --request-parameters method.request.path.id=true
integration "$pet" GET HTTP_PROXY --integration-http-method GET --uri "$BACKEND/pets/{id}" \
  --request-parameters integration.request.path.id=method.request.path.id
method "$file" ANY --request-parameters method.request.path.proxy=true
integration "$file" ANY HTTP_PROXY --integration-http-method ANY --uri "$BACKEND/files/{proxy}" \
  --request-parameters integration.request.path.proxy=method.request.path.proxy
method "$pets" GET
integration "$pets" GET HTTP --integration-http-method GET --uri "$BACKEND/pets"
answer "$pets" GET
method "$health" GET
integration "$health" GET MOCK --request-templates '{"application/json":"{\"statusCode\": 200}"}'
answer "$health" GET --response-templates '{"application/json":"{\"healthy\": true}"}'

say '6. Deploy it as stage dev'
run aws apigateway create-deployment --rest-api-id "$api" --stage-name dev > /dev/null

say '7. Two custom domain names side by side, mapped to the API under v1'
domain() { # domain NAME ARN
  run aws apigateway create-domain-name --domain-name "$1" --regional-certificate-arn "$2" \
    --endpoint-configuration types=REGIONAL \
    --query '[regionalDomainName,regionalHostedZoneId,domainNameStatus]' --output text
  domains+=("$1")
  run aws apigateway create-base-path-mapping --domain-name "$1" --base-path v1 --rest-api-id "$api" --stage dev > /dev/null
}
domain www.example.com "$www_arn"
domain '*.example.com' "$wildcard_arn"

say '8. Call it through its name, trusting only our own CA'
call() { # call HOST PATH
  run curl --silent --show-error --fail --cacert "$work/ca.pem" --connect-to "$1:443:$https" "https://$1$2"
}
expect() { # expect WHAT IN_TEXT
  case $2 in *"$1"*) ;; *) fail "expected to find '$1' in: $2" ;; esac
}
reply=$(call www.example.com /v1/pets/7); echo "$reply"; expect '"path": "/pets/7"' "$reply"
reply=$(call www.example.com /v1/files/a/b.txt); expect '"path": "/files/a/b.txt"' "$reply"
reply=$(call www.example.com /v1/pets); expect '"path": "/pets"' "$reply"
reply=$(call www.example.com /v1/health); echo "$reply"; expect '"healthy": true' "$reply"
reply=$(call shop.example.com /v1/health); expect '"healthy": true' "$reply"

say '9. Which certificate does each name get?'
served() { # served NAME
  openssl s_client -connect "$https" -servername "$1" < /dev/null 2>/dev/null | openssl x509 -noout -subject -nameopt multiline | sed -n 's/ *commonName *= //p'
}
for name in www.example.com shop.example.com unknown.example.org; do
  printf '%-22s %s\n' "$name" "$(served "$name")"
done
expect 'www.example.com' "$(served www.example.com)"
expect '*.example.com' "$(served shop.example.com)"
expect '*.execute-api.' "$(served unknown.example.org)"

say 'Done: the backend was reached through the name, with exactly its certificate.'
[ "${KEEP:-}" != 1 ] || { trap - EXIT; echo "Kept. The CA is $work/ca.pem, the API $api, the backend's process ${backend_pid:-yours}."; }
