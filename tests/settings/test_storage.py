"""Where things are kept."""

from pathlib import Path

import pytest

from gatewright.settings.installation import make_settings
from gatewright.settings.storage import default_data_dir
from support.options import refusal_of

ACCEPTED = [
    ({}, "database", None),
    ({"database": "sqlite:////var/lib/g.db"}, "database", Path("/var/lib/g.db")),
    ({"database": "/var/lib/g.db"}, "database", Path("/var/lib/g.db")),
    ({"data_dir": "/srv/gate way"}, "data_dir", Path("/srv/gate way")),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_a_place_becomes_a_path(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"database": "postgresql://u:secret@db/g"}, "--database: expected sqlite:///PATH", "not served yet"),
    ({"database": "sqlite://host/g.db"}, "--database: expected three slashes", "found"),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence


PLACES = [
    ("linux", {"HOME": "/home/u"}, "/home/u/.local/share/gatewright"),
    ("linux", {"HOME": "/home/u", "XDG_DATA_HOME": "/data"}, "/data/gatewright"),
    ("linux", {"HOME": "/home/u", "XDG_DATA_HOME": "relative"}, "/home/u/.local/share/gatewright"),
    ("darwin", {"HOME": "/Users/u"}, "/Users/u/Library/Application Support/gatewright"),
]


@pytest.mark.parametrize(("platform", "environment", "expected"), PLACES)
def test_the_data_directory_is_where_the_platform_has_data(platform, environment, expected):
    assert Path(expected) == default_data_dir(environment, platform)
