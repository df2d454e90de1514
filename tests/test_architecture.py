"""The house as it is designed (architecture 2): what import-linter and the type checkers cannot see."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from care.identity import find_numbers

HOUSE = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))
WORKSHOPS = frozenset({"tests", "bench"})
"""Folders with modules that look at the house and are no floor of it."""
DIGEST = re.compile(r"(?<=sha256:)[0-9a-f]{64}")
"""What a lock file holds: its digits are no numbers of anybody."""
LINTER: dict[str, Any] = PROJECT["tool"]["importlinter"]
PACKAGES = frozenset[str](LINTER["root_packages"])
LAYERS = next(contract["layers"] for contract in LINTER["contracts"] if contract["type"] == "layers")
PURE = frozenset({"care", "stdnum", "holidays"})
ALLOWED_NUMBERS = HOUSE / "tests" / "demo_numbers.txt"
TODAY = date(2026, 12, 31)
"""Numbers of people born later than this are not found: the demo's latest is of 2026."""


def floors() -> list[frozenset[str]]:
    return [frozenset(floor.replace(" ", "").split("|")) for floor in LAYERS]


def sources(package: str) -> Iterator[Path]:
    return (HOUSE / package).rglob("*.py")


def imported(source: str) -> Iterator[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def texts() -> Iterator[tuple[str, str]]:
    """Return path and text of every file that is tracked or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=HOUSE, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        file = HOUSE / name
        if file.is_file() and b"\0" not in (data := file.read_bytes()):
            yield name, DIGEST.sub("", data.decode("utf-8", "replace"))


def test_folders_and_contracts_name_the_same_packages() -> None:
    folders = {file.parent.name for file in HOUSE.glob("*/__init__.py")} - WORKSHOPS

    assert folders == PACKAGES
    assert frozenset[str]().union(*floors()) == PACKAGES
    assert sum(len(floor) for floor in floors()) == len(PACKAGES)


def test_each_contract_speaks_of_our_packages() -> None:
    for contract in LINTER["contracts"]:
        assert frozenset[str](contract.get("source_modules", [])) <= PACKAGES, contract["name"]


def test_the_wheel_holds_every_package_but_the_demo() -> None:
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES - {"demo"}


def test_checkers_and_coverage_look_at_every_package() -> None:
    tool = PROJECT["tool"]

    assert set(tool["mypy"]["packages"]) == set(tool["pyright"]["include"]) == PACKAGES | WORKSHOPS
    assert set(tool["coverage"]["run"]["source"]) == PACKAGES - {"demo"}


def test_no_dependency_owns_the_name_of_a_package() -> None:
    owners = metadata.packages_distributions()

    assert {name: owners[name] for name in PACKAGES if name in owners and owners[name] != ["samrum"]} == {}
    assert not PACKAGES & sys.stdlib_module_names


@pytest.mark.parametrize("file", sorted(sources("care")), ids=lambda file: str(file.relative_to(HOUSE)))
def test_care_imports_the_standard_library_and_little_else(file: Path) -> None:
    foreign = {name for name in imported(file.read_text("utf-8")) if name not in PURE | sys.stdlib_module_names}

    assert not foreign


def test_imports_point_down_also_where_they_stand_inside_a_function() -> None:
    height = {package: len(LAYERS) - n for n, floor in enumerate(floors()) for package in floor}
    wrong = {
        f"{file.relative_to(HOUSE)} imports {name}"
        for package in PACKAGES
        for file in sources(package)
        for name in imported(file.read_text("utf-8"))
        if name in PACKAGES and name != package and height[name] >= height[package]
    }

    assert wrong == set()


def allowed() -> frozenset[str]:
    lines = ALLOWED_NUMBERS.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def test_every_listed_number_is_found_as_it_may_be_written() -> None:
    for number in allowed():
        for written in (number, f"{number[:8]}-{number[8:]}"):
            assert [identity.number for identity in find_numbers(f"nr {written}.", TODAY)] == [number]


def test_no_identity_number_stands_anywhere_but_the_published_test_numbers() -> None:
    permitted = allowed()
    found = sorted(
        (name, identity.number) for name, text in texts() for identity in find_numbers(text, TODAY) if identity.number not in permitted
    )

    assert [(name, len(list(numbers))) for name, numbers in groupby(found, key=lambda each: each[0])] == []
