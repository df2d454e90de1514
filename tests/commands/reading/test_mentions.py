import pytest

from commands.reading.mentions import user_at
from tests.commands.region import scene

X, Y = "@anna1:almfors.test", "@anna2:almfors.test"


def pill(name: str, user: str) -> str:
    return f'<a href="https://matrix.to/#/{user}">{name}</a>'


def named(text: str, html: str, name: str) -> str | None:
    found = user_at(text, text.rindex(name), scene(html=html))
    return found[0] if found else None


def test_the_longest_name_that_stands_there_is_meant() -> None:
    html = f"{pill('Anna', X)} {pill('Anna Demo', Y)}"

    assert user_at("Anna och Anna Demo", 9, scene(html=html)) == (Y, 18)
    assert user_at("Anna och Anna Demo", 0, scene(html=html)) == (X, 4)


@pytest.mark.parametrize("name", ["Anna", "Anna Demo"])
def test_of_two_people_with_one_name_the_one_is_meant_whose_mention_stands_there(name: str) -> None:
    text = f"!sip kalla syfte=”{name} frågar” ledare={name}"
    html = f"!sip kalla syfte=”{pill(name, X)} frågar” ledare={pill(name, Y)}"

    assert named(text, html, name) == Y
    assert user_at(text, text.index(name), scene(html=html)) == (X, text.index(name) + len(name))


def test_of_two_people_with_one_name_nobody_is_guessed_when_the_mentions_do_not_show_which() -> None:
    html = f"Fråga {pill('Anna', X)} eller {pill('Anna', Y)}"

    assert named("!aktör tacka ja Anna", html, "Anna") is None


def test_a_mention_in_what_is_replied_to_is_nobody_here() -> None:
    html = f"<mx-reply><blockquote>{pill('Anna', X)}</blockquote></mx-reply>!aktör tacka ja {pill('Anna', Y)}"

    assert named("!aktör tacka ja Anna", html, "Anna") == Y


def test_the_name_of_one_person_is_that_person_wherever_it_is_mentioned() -> None:
    assert named("!aktör tacka ja Anna", pill("Anna", X), "Anna") == X
    assert named("!aktör tacka ja Annabell", pill("Anna", X), "Annabell") is None
