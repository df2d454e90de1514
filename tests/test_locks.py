import re
import tomllib
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,_-]+\])?==(\S+)", re.MULTILINE)
NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name(requirement: str) -> str:
    found = NAMED.match(requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def pinned(lock: str) -> dict[str, str]:
    return {name(found[1]): found[2] for found in PINNED.finditer((ROOT / lock).read_text(encoding="utf-8"))}


def needed(lock: str) -> list[str]:
    required = cast("list[str]", PROJECT["project"]["dependencies"])
    return required + (cast("list[str]", PROJECT["dependency-groups"]["dev"]) if "dev" in lock else [])


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_that_the_project_needs_is_locked(lock: str) -> None:
    assert {name(requirement) for requirement in needed(lock)} <= pinned(lock).keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_locked_versions_are_at_least_those_that_the_project_asks_for(lock: str) -> None:
    found = pinned(lock)
    for requirement in needed(lock):
        if least := re.search(r">=([0-9.]+)", requirement):
            asked = tuple(map(int, least[1].split(".")))
            assert tuple(map(int, re.findall(r"\d+", found[name(requirement)])))[: len(asked)] >= asked, requirement


def test_what_runs_is_tested_in_the_same_versions() -> None:
    run, tested = pinned("requirements.lock"), pinned("requirements-dev.lock")

    assert {package: tested.get(package) for package in run} == run


@pytest.mark.parametrize("lock", LOCKS)
def test_each_version_is_pinned_by_hash_and_no_place_to_get_it_from_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert "://" not in text
    assert "--index" not in text
    for block in re.split(r"\n(?=[a-z0-9])", text):
        assert "--hash=sha256:" in block, block
