"""Zones from master files, so that one text can be given to us and to others."""

import dns.name
import dns.rdatatype
import dns.zone

from gatewright.core.dns.zone import RecordSet, Zone
from gatewright.nameserver.message import labels_of


def read_zone(origin, text):
    """Our zone out of a master file. Values have decimal escapes there and octal ones here: none may be in them."""
    parsed = dns.zone.from_text(text, origin=origin, relativize=False, check_origin=False)
    zone = Zone(labels_of(dns.name.from_text(origin)))
    for name, rdataset in parsed.iterate_rdatasets():
        values = tuple(rdata.to_text() for rdata in rdataset)
        zone.put(RecordSet(labels_of(name), dns.rdatatype.to_text(rdataset.rdtype), rdataset.ttl, values))
    return zone


EXAMPLE = """
$TTL 300
@ 900 IN SOA ns-1.example.com. hostmaster.example.com. 1 7200 900 1209600 86400
@ IN NS ns-1.example.com.
@ IN NS ns-2.example.net.
@ IN A 192.0.2.1
@ IN MX 10 mail
@ IN CAA 0 issue "letsencrypt.org"
ns-1 IN A 192.0.2.53
www IN A 192.0.2.2
www IN A 192.0.2.3
www IN AAAA 2001:db8::2
mail IN A 192.0.2.4
alias IN CNAME www
chain IN CNAME alias
dangling IN CNAME nowhere
outside IN CNAME www.example.org.
intosub IN CNAME host.sub
_acme-challenge.www IN TXT "one" "two"
_acme-challenge.www IN TXT "three"
deep.empty IN A 192.0.2.5
*.wild IN A 192.0.2.6
*.wild IN TXT "from the wildcard"
named.wild IN AAAA 2001:db8::6
below.named.wild IN A 192.0.2.7
*.cwild IN CNAME www
*.a.dwild IN A 192.0.2.8
sub IN NS ns.sub
sub IN NS ns-1
sub IN NS ns.elsewhere.test.
sub IN DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000
ns.sub IN A 192.0.2.9
ns.sub IN AAAA 2001:db8::9
host.sub IN A 192.0.2.10
child IN NS ns.child
ns.child IN A 192.0.2.11
big IN TXT "{big}"
_443._tcp IN SRV 0 0 443 www
""".format(big='" "'.join(["x" * 250] * 8))

CHILD = """
$TTL 60
@ 900 IN SOA ns.child.example.com. hostmaster.example.com. 1 7200 900 1209600 30
@ IN NS ns.child.example.com.
ns IN A 192.0.2.11
www IN CNAME ns
back IN CNAME nowhere
"""

OTHER = """
$TTL 60
@ 900 IN SOA ns.other.test. hostmaster.other.test. 1 7200 900 1209600 30
@ IN NS ns.other.test.
ns IN A 192.0.2.12
a IN A 192.0.2.13
"""

ZONES = {"example.com": EXAMPLE, "child.example.com": CHILD, "other.test": OTHER}
