"""What happens to a case's room unasked, and what it changes about the case."""

import pytest

from care.actors import Standing
from care.case import Event
from care.rooms import Fate, PersonLeft, PersonWithdrawn, RoomLost, RoomMoved, RoomWeakened, StrangerRemoved, emptied, parted
from tests.builders import BIST, EDGE, HSV, MONDAY, NOOR, TAGE, ULLA, VC, running, step, user

CASE = running(HSV, BIST)


@pytest.mark.parametrize(
    "event",
    [RoomLost(Fate.REMOVED), RoomMoved(), RoomWeakened(("m.room.join_rules",), restored=False), StrangerRemoved(user("okand"))],
)
def test_what_happens_to_the_room_changes_nothing_about_the_case(event: Event) -> None:
    after = step(CASE, EDGE, [event], MONDAY)

    assert (after.actors, after.participants, after.status) == (CASE.actors, CASE.participants, CASE.status)


@pytest.mark.parametrize("event", [PersonLeft(NOOR.user), PersonWithdrawn(NOOR.user)])
def test_who_leaves_is_in_the_case_for_no_unit_and_handles_it_no_more(event: Event) -> None:
    after = step(CASE, EDGE, [event], MONDAY)

    assert NOOR.user in CASE.participants
    assert NOOR.user not in after.participants
    assert after.users_of(HSV) == ()
    assert (after.actors[HSV].standing, after.actors[HSV].handler) == (Standing.DELTAR, "")
    assert after.users_of(BIST) == CASE.users_of(BIST)
    assert after.actors[BIST].handler == ULLA.user


def test_a_unit_is_emptied_when_its_last_one_leaves() -> None:
    once = parted(CASE, NOOR.user)

    assert emptied(CASE, once) == (HSV,)
    assert emptied(once, parted(once, ULLA.user)) == (BIST,)
    assert emptied(CASE, parted(CASE, TAGE.user)) == ()
    assert set(CASE.actors) == {VC, HSV, BIST}


def test_how_a_room_was_lost_is_counted() -> None:
    assert RoomLost(Fate.REPLACED).facts() == {"fate": "replaced"}
    assert PersonLeft(NOOR.user).facts() == {}
