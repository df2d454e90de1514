import json
from pathlib import Path

from demo.client.node import SDK, installed


def lock(path: Path, **versions: str) -> None:
    path.parent.mkdir(exist_ok=True)
    packages = {"": {"name": "demo"}} | {f"node_modules/{name}": {"version": found} for name, found in versions.items()}
    path.write_text(json.dumps({"packages": packages}), encoding="utf-8")


def test_packages_are_installed_when_they_have_the_versions_of_the_lock_file(tmp_path: Path) -> None:
    lock(tmp_path / "package-lock.json", sdk="43.0.0")
    assert not installed(tmp_path)

    lock(tmp_path / "node_modules" / ".package-lock.json", sdk="42.0.0")
    assert not installed(tmp_path)

    lock(tmp_path / "node_modules" / ".package-lock.json", sdk="43.0.0")
    assert installed(tmp_path)


def test_the_lock_file_pins_every_package_by_hash_and_names_no_place_to_get_it_from() -> None:
    packages = json.loads((SDK / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert all("integrity" in package for name, package in packages.items() if name)
    assert not any("resolved" in package for package in packages.values())
