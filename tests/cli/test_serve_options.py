"""The options of `gatewright serve` as its page of help has them."""

import pytest
from click.testing import CliRunner

from gatewright.cli import main
from gatewright.cli.serve import serve
from gatewright.cli.serve_options import GROUPS, headings, variable_of
from gatewright.settings.installation import make_settings

OPTIONS = [option.opts[0] for option in serve.params]


def page():
    return CliRunner().invoke(main, ["serve", "--help"], terminal_width=110).output


def test_every_option_is_under_one_heading_and_under_no_other():
    named = [name for names in headings().values() for name in names]
    assert sorted(param.name for param in serve.params) == sorted(named)
    other = page().partition("\nOther:\n")[2]
    assert ["-h, --help  Show this message and exit."] == [line.strip() for line in other.strip().splitlines()]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_described_with_its_default_and_its_variable(option):
    _, _, row = page().partition(f"\n  {option} ")
    row = " ".join(row.partition("\n  --")[0].split())
    assert "[default: " in row
    assert f"[env var: {variable_of(option)}]" in row


def test_defaults_that_are_told_are_those_that_are_taken():
    """Those that are values: given, they make the settings that nothing given makes."""
    told = {
        option.name.removeprefix("--").replace("-", "_"): option.default
        for options in GROUPS.values()
        for option in options
        if not isinstance(option, str) and option.name not in TOLD_IN_WORDS
    }
    assert make_settings({}) == make_settings(told)
    assert len(told) > 10


TOLD_IN_WORDS = {
    "--dns",
    "--workers",
    "--lambda",
    "--upstream-ca",
    "--cache",
    "--acme-directory",
    "--acme-terms",
    "--acme-contact",
    "--acme-domains",
    "--acme-ca",
    "--advertise",
    "--dns-update",
    "--dns-update-key",
}
