import click
from click.testing import CliRunner

from gatewright.cli.grouped_help import GroupedCommand


def test_options_stand_under_their_headings_in_the_order_of_those_and_the_rest_is_last():
    command = GroupedCommand(
        "paint",
        groups={"Second things": ["width"], "First things": ["colour"]},
        params=[
            click.Option(["--colour"], help="Which."),
            click.Option(["--width"], help="How wide."),
            click.Option(["--dry"], is_flag=True, help="Nothing is done."),
        ],
    )
    lines = [line.rstrip() for line in CliRunner().invoke(command, ["--help"]).output.splitlines()[2:]]
    assert [
        "Second things:",
        "  --width TEXT  How wide.",
        "",
        "First things:",
        "  --colour TEXT  Which.",
        "",
        "Other:",
        "  --dry   Nothing is done.",
        "  --help  Show this message and exit.",
    ] == lines
