"""Terraform with the unmodified AWS provider, in a folder of the test's, against a running gateway.

Nothing is downloaded: the provider must be on this machine, laid out as `terraform providers mirror` does it. The folder
is named by GATEWRIGHT_TERRAFORM_PLUGINS, or found in Terraform's usual places.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def find_plugins() -> Path | None:
    """A folder for `terraform init -plugin-dir` that has the AWS provider."""
    given = os.environ.get("GATEWRIGHT_TERRAFORM_PLUGINS")
    places = [
        *([Path(given)] if given else []),
        Path.home() / ".terraform.d" / "plugins",
        Path.home() / ".terraform.d" / "plugin-cache",
        Path("/usr/local/share/terraform/plugins"),
        Path("/usr/share/terraform/plugins"),
        *sorted(Path("/opt").glob("*/")),
    ]
    for place in places:
        if (place / "registry.terraform.io" / "hashicorp" / "aws").is_dir():
            return place
    return None


class Module:
    """A folder with one `main.tf`, and Terraform in it."""

    def __init__(self, folder, text, gateway, plugins, **variables) -> None:
        self._folder = folder
        self._environment = {
            **gateway.environment,
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
        }
        folder.mkdir()
        self.set(variables)
        self.write(text)
        self._run("init", "-input=false", f"-plugin-dir={plugins}")

    def set(self, variables: Mapping[str, object]) -> None:
        """The module's variables have these values from now on."""
        self._environment |= {f"TF_VAR_{name}": str(value) for name, value in variables.items()}

    def write(self, text) -> None:
        """The module says this from now on."""
        (self._folder / "main.tf").write_text(text)
        self.text = text

    def change(self, old, new) -> None:
        """One place of the module says something else from now on."""
        assert 1 == self.text.count(old), f"{old!r} is there {self.text.count(old)} times"
        self.write(self.text.replace(old, new))

    def apply(self) -> None:
        """What the module says is so."""
        self._run("apply", "-input=false", "-auto-approve", "-no-color")

    def plan(self) -> str:
        """What would be done; empty when nothing."""
        planned = self._run(
            "plan", "-input=false", "-no-color", "-detailed-exitcode", "-compact-warnings", codes={0, 2}
        )
        return "" if planned.returncode == 0 else planned.stdout

    def outputs(self) -> dict[str, str]:
        """The module's outputs."""
        return {name: output["value"] for name, output in json.loads(self._run("output", "-json").stdout).items()}

    def destroy(self) -> None:
        """Nothing of it is left."""
        self._run("destroy", "-input=false", "-auto-approve", "-no-color")

    def _run(self, command, *options, codes=frozenset({0})):
        done = subprocess.run(
            ["terraform", command, *options],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode in codes, f"terraform {command}:\n{done.stdout}\n{done.stderr}"
        return done


def write_key_pair(authority, folder: Path) -> dict[str, Path]:
    """A new key pair for www.example.com in files, by the names of the modules' variables."""
    leaf = authority.issue("www.example.com", key="rsa2048")
    folder.mkdir()
    files = {
        "certificate_file": leaf.certificate_pem,
        "private_key_file": leaf.key_pem,
        "certificate_chain_file": leaf.chain_pem,
    }
    for name, pem in files.items():
        (folder / f"{name}.pem").write_text(pem)
    return {name: folder / f"{name}.pem" for name in files}
