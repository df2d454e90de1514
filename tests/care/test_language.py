from care.effects import ADMIN, case_room, direct, inbox
from care.language import Language, Spoken
from tests.builders import ANNA, HSV, NOOR


def test_a_person_is_spoken_to_in_the_language_that_they_chose_and_else_as_the_rooms_are() -> None:
    spoken = Spoken(Language.SV, {ANNA.user: Language.EN})

    assert spoken.to(ANNA.user) is Language.EN
    assert spoken.to(NOOR.user) is Language.SV
    assert Spoken(Language.EN).to(NOOR.user) is Language.EN


def test_only_a_direct_room_speaks_the_language_of_a_person() -> None:
    spoken = Spoken(Language.SV, {ANNA.user: Language.EN, HSV: Language.EN})

    assert spoken.at(direct(ANNA.user)) is Language.EN
    assert {spoken.at(place) for place in (direct(NOOR.user), inbox(HSV), case_room("c-1"), ADMIN)} == {Language.SV}
