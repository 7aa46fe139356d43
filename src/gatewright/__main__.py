"""`python -m gatewright` is `gatewright`."""

from gatewright.cli import main

if __name__ == "__main__":
    main(prog_name="gatewright")
