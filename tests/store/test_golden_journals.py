import json
from pathlib import Path

import pytest

from care.events import KINDS
from store import journal
from tests.store import golden_journal
from tests.store.examples import EXAMPLES

RELEASES = tuple(sorted(golden_journal.FOLDER.glob("*.json")))
TODAY = {event.kind: event for event in EXAMPLES}


def test_there_is_an_example_of_every_kind() -> None:
    assert TODAY.keys() == KINDS.keys()
    assert len(EXAMPLES) == len(KINDS)


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_every_event_that_a_release_wrote_is_read_in_todays_shape(release: Path) -> None:
    rows = json.loads(release.read_text(encoding="utf-8"))

    assert rows
    for row in rows:
        assert journal.revive(row["kind"], row["version"], json.dumps(row["body"]).encode()) == TODAY[row["kind"]]


def test_what_the_newest_release_writes_has_a_golden_row() -> None:
    newest = json.loads(RELEASES[-1].read_text(encoding="utf-8"))

    assert {(row["kind"], row["version"]) for row in newest} == {(kind, event.version) for kind, event in KINDS.items()}


def test_a_golden_journal_is_never_written_again() -> None:
    before = RELEASES[-1].read_bytes()

    with pytest.raises(FileExistsError):
        golden_journal.main(RELEASES[-1].stem)

    assert RELEASES[-1].read_bytes() == before
