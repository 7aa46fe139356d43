"""sslyze looks at a TLS port: `scan_tls.py PORT NAME…`, run by the Python of sslyze's own environment.

Prints a JSON object: by server name, what was accepted (`{"suites": {"TLS_1_2": ["ECDHE-…"], …}, "groups": ["X25519", …]}`).
It stands alone, since sslyze pins an older `cryptography` than ours.
"""

import json
import sys
from contextlib import redirect_stderr

from sslyze import (
    ScanCommand,
    ScanCommandAttemptStatusEnum,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
)

_VERSIONS = ("SSL_2_0", "SSL_3_0", "TLS_1_0", "TLS_1_1", "TLS_1_2", "TLS_1_3")
_SUITES = {version: ScanCommand[f"{version}_CIPHER_SUITES"] for version in _VERSIONS}


def main() -> None:
    port, names = int(sys.argv[1]), sys.argv[2:]
    scanner = Scanner(per_server_concurrent_connections_limit=2, concurrent_server_scans_limit=4)
    scanner.queue_scans(
        [
            ServerScanRequest(
                server_location=ServerNetworkLocation(hostname=name, port=port, ip_address="127.0.0.1"),
                network_configuration=ServerNetworkConfiguration(tls_server_name_indication=name),
                scan_commands={*_SUITES.values(), ScanCommand.ELLIPTIC_CURVES},
            )
            for name in names
        ]
    )
    with redirect_stderr(sys.stdout):
        found = {each.server_location.hostname: _read(each) for each in scanner.get_results()}
    json.dump(found, sys.stdout)


def _read(scanned):
    if scanned.scan_result is None:
        sys.exit(f"{scanned.server_location.hostname}: {scanned.connectivity_error_trace}")
    attempts = {version: getattr(scanned.scan_result, command.value) for version, command in _SUITES.items()}
    curves = scanned.scan_result.elliptic_curves
    for attempt in (*attempts.values(), curves):
        if attempt.status is not ScanCommandAttemptStatusEnum.COMPLETED:
            sys.exit(f"{scanned.server_location.hostname}: {attempt.error_trace}")
    return {
        "suites": {
            version: [each.cipher_suite.openssl_name for each in attempt.result.accepted_cipher_suites]
            for version, attempt in attempts.items()
            if attempt.result.accepted_cipher_suites
        },
        "groups": [curve.name for curve in curves.result.supported_curves or ()],
    }


if __name__ == "__main__":
    main()
