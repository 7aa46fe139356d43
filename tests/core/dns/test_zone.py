"""Zones: what exists in them after any number of changes, and which zone is asked."""

from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.dns.name import parse_name
from gatewright.core.dns.zone import RecordSet, Zone, Zones

APEX = (b"z",)
NAMES = st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=3).map(lambda labels: (*labels, *APEX))
STEPS = st.lists(st.tuples(st.booleans(), NAMES, st.sampled_from(["A", "TXT"])), max_size=30)


@given(STEPS)
def test_a_zone_has_exactly_what_was_put_and_not_removed(steps):
    zone, plain = Zone(APEX), {}
    for is_put, name, record_type in steps:
        if is_put:
            plain[name, record_type] = RecordSet(name, record_type, 1, ("x",))
            zone.put(plain[name, record_type])
        else:
            plain.pop((name, record_type), None)
            zone.remove(name, record_type)
    assert set(plain.values()) == set(zone)
    for name in {name for _, name, _ in steps} | {APEX, (b"a", *APEX)}:
        below = any(other[len(other) - len(name) :] == name for other, _ in plain)
        assert below == zone.exists(name), name
        assert {t for n, t in plain if n == name} == set(zone.node(name))


def test_the_nearest_zone_is_asked_and_the_parent_for_ds():
    parent, child = Zone(parse_name("example.com")), Zone(parse_name("sub.example.com"))
    zones = Zones([parent, child])
    assert child is zones.nearest(parse_name("a.sub.example.com"))
    assert child is zones.nearest(parse_name("sub.example.com"))
    assert parent is zones.nearest(parse_name("sub.example.com"), "DS")
    assert child is zones.nearest(parse_name("a.sub.example.com"), "DS")
    assert parent is zones.nearest(parse_name("example.com"), "DS")
    assert None is zones.nearest(parse_name("example.org"))
    zones.remove(child.apex)
    assert parent is zones.nearest(parse_name("a.sub.example.com"))
    assert (1, parent, None) == (len(zones), zones.get(parent.apex), zones.get(child.apex))
