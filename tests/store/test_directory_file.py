from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest

from care.people import HuvudmanKind, Profession, Role, UnitType
from store.directory_file import DirectoryFileError, directory, load

PRINCIPAL = {"name": "Region Almfors", "kind": "region"}
UNIT = {"name": "Hemsjukvården", "type": "kommun_hsv", "huvudman": "region"}
NURSE = {"user": "noor.demo", "name": "Noor Demo", "unit": "hsv", "roles": ["mottagare"], "profession": "sjukskoterska"}


def file(
    principal: Mapping[str, object] = PRINCIPAL, unit: Mapping[str, object] = UNIT, *members: Mapping[str, object]
) -> dict[str, object]:
    return {"huvudman": {"region": {**principal}}, "unit": {"hsv": {**unit}}, "member": [{**m} for m in members]}


def test_everything_in_the_file_is_in_the_directory() -> None:
    unit = UNIT | {"hours": "07:00-21:30", "jour": "natt", "phone": "031-390 06 00", "aliases": ["hsv"], "open": False}

    read = directory(file(PRINCIPAL | {"kontaktenhet": "hsv"}, unit | {"system": "Link"}, NURSE), "almfors.test")

    (found,) = read.units.values()
    assert (found.id, found.type, found.hours) == ("hsv", UnitType.KOMMUN_HSV, (time(7), time(21, 30)))
    assert (found.on_call, found.phone, found.aliases) == ("natt", "031-390 06 00", ("hsv",))
    assert (found.system, found.open) == ("Link", False)
    assert (read.huvudman["region"].kind, read.huvudman["region"].contact_unit) == (HuvudmanKind.REGION, "hsv")
    (nurse,) = read.members
    assert (nurse.user, nurse.name, nurse.unit) == ("@noor.demo:almfors.test", "Noor Demo", "hsv")
    assert (nurse.roles, nurse.profession, nurse.on_duty) == (frozenset({Role.MOTTAGARE}), Profession.SJUKSKOTERSKA, False)


def test_hours_are_round_the_clock_or_those_of_an_office_unless_said() -> None:
    assert directory(file(unit=UNIT | {"hours": "dygnet runt"}), "x.test").units["hsv"].hours is None
    assert directory(file(), "x.test").units["hsv"].hours == (time(8), time(17))


def test_a_whole_user_id_stays_as_it_is() -> None:
    read = directory(file(PRINCIPAL, UNIT, NURSE | {"user": "@noor:ekhamn.test"}), "almfors.test")

    assert read.members[0].user == "@noor:ekhamn.test"


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({**file(), "units": 1}, "units: Extra inputs"),
        (file(PRINCIPAL | {"kind": "stat"}), "huvudman.region.kind: Input should be 'region', 'kommun' or 'privat'"),
        (file(PRINCIPAL | {"kontaktenhet": "vc"}), "huvudman.region.kontaktenhet: no unit 'vc'"),
        (file(unit=UNIT | {"color": "blue"}), "unit.hsv.color: Extra inputs"),
        (file(unit=UNIT | {"name": ""}), "unit.hsv.name: String should have at least 1"),
        (file(unit=UNIT | {"type": "sjukhus"}), "unit.hsv.type: Input should be"),
        (file(unit=UNIT | {"huvudman": "kommun"}), "unit.hsv.huvudman: no huvudman 'kommun'"),
        (file(unit=UNIT | {"hours": "8-17"}), 'unit.hsv.hours: Value error, write "08:00-17:00"'),
        (file(unit=UNIT | {"hours": "17:00-08:00"}), "unit.hsv.hours: Value error, a unit opens before it closes"),
        (file(unit=UNIT | {"hours": "08:00-25:00"}), "unit.hsv.hours: Value error, hour must be in"),
        (file(PRINCIPAL, UNIT, NURSE | {"user": "Noor Demo"}), "member.0.user: String should match"),
        (file(PRINCIPAL, UNIT, NURSE | {"unit": "vc"}), "member.0.unit: no unit 'vc'"),
        (file(PRINCIPAL, UNIT, NURSE | {"roles": []}), "member.0.roles: Frozenset should have at least 1"),
        (file(PRINCIPAL, UNIT, NURSE | {"roles": ["chef"]}), "member.0.roles.0: Input should be"),
        (file(PRINCIPAL, UNIT, NURSE | {"unit": ""}), "member.0.roles: systemforvaltare is held without a unit"),
        (file(PRINCIPAL, UNIT, NURSE | {"roles": ["systemforvaltare"]}), "member.0.roles: systemforvaltare is held"),
        (file(PRINCIPAL, UNIT, NURSE, NURSE), "member: @noor.demo:almfors.test is 2 times in 'hsv'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(table: Mapping[str, object], complaint: str) -> None:
    with pytest.raises(DirectoryFileError) as refused:
        directory(table, "almfors.test")

    assert complaint in str(refused.value)


def test_all_that_is_wrong_is_told_at_once_with_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "region.toml"
    path.write_text('[huvudman.a]\nname = "A"\nkind = "x"\n[unit.b]\nname = "B"\n', encoding="utf-8")

    with pytest.raises(DirectoryFileError) as refused:
        load(path, "almfors.test")

    lines = str(refused.value).splitlines()
    assert lines[0] == f"{path}:"
    assert [line.split(":")[0] for line in lines[1:]] == ["huvudman.a.kind", "unit.b.type", "unit.b.huvudman"]


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "region.toml"
    path.write_text("[unit", encoding="utf-8")

    with pytest.raises(DirectoryFileError, match=r"region\.toml: Expected .* at the end of a table declaration"):
        load(path, "almfors.test")
