"""What a security policy makes of a context of Python's `ssl`: the oldest version, the suites of TLS 1.3, the groups.

Python's `ssl` chooses neither the suites of TLS 1.3 nor more than one group; OpenSSL does. So its own functions are
called, in the library that the module `_ssl` is linked with (SSL_CTX_set_ciphersuites(3), SSL_CTX_set1_groups_list(3)).
CPython keeps the SSL_CTX as the first member of its context (`PySSLContext` in Modules/_ssl.c, since Python 3.2). Where the
library's functions cannot be reached, another Python's or a statically linked OpenSSL's, contexts keep what OpenSSL
offers by itself, and `is_narrowing` is False.
"""

import ctypes
import ssl
import sys
import warnings
from functools import cache
from typing import Final, NamedTuple

from gatewright.core.tls.security_policy import SecurityPolicy

# openssl/ssl.h: the macro SSL_CTX_set1_groups_list is SSL_CTX_ctrl with this command.
_SET_GROUPS_LIST: Final = 92


class _OpenSsl(NamedTuple):
    set_ciphersuites: "ctypes._NamedFuncPointer"
    control: "ctypes._NamedFuncPointer"


def apply_policy(context: ssl.SSLContext, policy: SecurityPolicy) -> None:
    """The context offers no version, suite of TLS 1.3 or group that the policy does not have."""
    with warnings.catch_warnings():
        # The policy TLS_1_0 says what it says; the warning is for those who did not mean it.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion(policy.minimum_version)
    openssl = _find_openssl()
    if openssl is None:
        return
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    if not openssl.set_ciphersuites(pointer, policy.openssl_ciphersuites.encode()):
        raise ssl.SSLError(f"OpenSSL does not know the suites of {policy.name}: {policy.openssl_ciphersuites}")
    # What is new to OpenSSL is left out as a whole: it takes a list only if it knows every name in it.
    for groups in (policy.groups, policy.classic_groups):
        if openssl.control(pointer, _SET_GROUPS_LIST, 0, ":".join(groups).encode()):
            return
    raise ssl.SSLError(f"OpenSSL does not know the groups of {policy.name}: {', '.join(policy.classic_groups)}")


def is_narrowing() -> bool:
    """Whether suites of TLS 1.3 and groups are those of the policies."""
    return _find_openssl() is not None


@cache
def _find_openssl() -> _OpenSsl | None:
    if sys.implementation.name != "cpython":
        return None
    try:
        import _ssl  # noqa: PLC0415  what `ssl` is made of

        library = ctypes.CDLL(_ssl.__file__)
        found = _OpenSsl(library.SSL_CTX_set_ciphersuites, library.SSL_CTX_ctrl)
    except (ImportError, AttributeError, OSError):
        return None
    found.set_ciphersuites.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
    found.control.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_char_p)
    found.control.restype = ctypes.c_long
    return found
