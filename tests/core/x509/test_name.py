"""Distinguished names: those that OpenSSL takes for the same, and those that it does not."""

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from OpenSSL import crypto

from gatewright.core.x509.name import canonicalize_name, lies_below
from support.client_chains import NOW, make, make_client, make_name


def name_of(*values, kind=_ASN1Type.UTF8String, oid=NameOID.COMMON_NAME):
    return x509.Name([x509.NameAttribute(oid, value, kind) for value in values])


PLAIN = name_of("Fleet One")
NAMES = [
    (name_of("Fleet One", kind=_ASN1Type.PrintableString), True),
    (name_of("Fleet One", kind=_ASN1Type.BMPString), True),
    (name_of("FLEET one"), True),
    (name_of("  Fleet \t  One "), True),
    (name_of("FleetOne"), False),
    (name_of("Fleet  One", "x"), False),
    (name_of("Fleet One", oid=NameOID.ORGANIZATION_NAME), False),
    (name_of("Fleet One", kind=_ASN1Type.NumericString), False),
    (name_of("Fleet\u00a0One"), False),
]


@pytest.mark.parametrize(("other", "same"), NAMES)
def test_names_are_folded_as_openssl_does(other, same):
    assert same is (canonicalize_name(PLAIN) == canonicalize_name(other))
    # OpenSSL's word: an issuer named so is found under the plain name.
    root = make(PLAIN)
    leaf = make_client("device", root, issuer_name=other)
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(root.certificate))
    store.set_time(NOW.replace(tzinfo=None))
    context = crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf.certificate))
    if same:
        context.verify_certificate()
    else:
        with pytest.raises(crypto.X509StoreContextError):
            context.verify_certificate()


@pytest.mark.parametrize(("upper", "lower"), [("É", "é"), ("ẞ", "ß")])
def test_letters_beyond_ascii_keep_their_case(upper, lower):
    assert canonicalize_name(name_of(upper)) != canonicalize_name(name_of(lower))


def test_the_attributes_of_one_relative_name_have_no_order():
    a = x509.NameAttribute(NameOID.COMMON_NAME, "a")
    b = x509.NameAttribute(NameOID.USER_ID, "b")
    one, other = (x509.Name([x509.RelativeDistinguishedName(parts)]) for parts in ([a, b], [b, a]))
    assert canonicalize_name(one) == canonicalize_name(other)
    assert canonicalize_name(one) != canonicalize_name(x509.Name([a, b]))


def test_a_name_lies_below_its_beginnings():
    name, base = canonicalize_name(make_name("device")), canonicalize_name(make_name("x"))[:1]
    assert lies_below(name, base)
    assert lies_below(name, name)
    assert lies_below(name, ())
    assert not lies_below(base, name)
