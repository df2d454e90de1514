import base64
import json
from datetime import date
from pathlib import Path

import pytest

from demo.leaks import Leak, person, places, search

TODAY = date(2026, 9, 1)
ESTER = person("Ester Demoson", "19351217-2382", TODAY)
GUN = person("Gun Låtsas", "19530328-2387", TODAY)
AROUND = (b"", b"x", b"xy", b"xyz")


@pytest.mark.parametrize("written", ["19351217-2382", "351217-2382", "193512172382", "3512172382", "1935-12-17 2382"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_number_is_found_however_it_is_written(tmp_path: Path, written: str, encoding: str) -> None:
    (tmp_path / "homeserver.db").write_bytes(b"\x01\x02" + f"född {written}.".encode(encoding) + b"\xff")

    assert [leak.label for leak in search(places(tmp_path), (ESTER, GUN))] == ["Ester Demoson"]


@pytest.mark.parametrize("before", AROUND)
@pytest.mark.parametrize("after", AROUND)
@pytest.mark.parametrize("written", ["Gun Låtsas", "19530328-2387"])
def test_base64_is_looked_through_at_every_alignment(tmp_path: Path, before: bytes, after: bytes, written: str) -> None:
    (tmp_path / "media").write_bytes(base64.b64encode(before + written.encode() + after))
    assert search(places(tmp_path), (ESTER, GUN)) == (Leak("Gun Låtsas", "media", "base64"),)

    (tmp_path / "media").write_bytes(base64.urlsafe_b64encode(before + written.encode() + after))
    assert search(places(tmp_path), (ESTER, GUN)) == (Leak("Gun Låtsas", "media", "base64"),)


@pytest.mark.parametrize("written", ["gun låtsas", "LÅTSAS GUN", "Låtsas, Gun"])
def test_a_name_is_found_in_any_order_and_case(tmp_path: Path, written: str) -> None:
    (tmp_path / "bot.log").write_text(json.dumps({"who": written}), encoding="utf-8")
    assert search(places(tmp_path), (GUN,)) == (Leak("Gun Låtsas", "bot.log", "json"),)

    (tmp_path / "bot.log").write_text(json.dumps({"who": written}, ensure_ascii=False), encoding="utf-8")
    assert search(places(tmp_path), (GUN,)) == (Leak("Gun Låtsas", "bot.log", "utf-8"),)


def test_folders_are_searched_but_not_what_people_keep_themselves(tmp_path: Path) -> None:
    for folder in ("homeserver/media/local", "mail"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "0001").write_text("Ester Demoson", encoding="utf-8")

    assert places(tmp_path) == (tmp_path / "homeserver/media/local/0001",)


def test_nothing_is_found_in_what_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "bot.log").write_text("case SÄ-2026-00001 351217-2383 Ester", encoding="utf-8")

    assert search((*places(tmp_path), tmp_path / "gone"), (ESTER, GUN)) == ()
