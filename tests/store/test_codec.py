from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from care.case import Event
from care.effects import Effect
from care.events import KINDS
from care.messages import MessagePosted
from store import codec
from store.outbox import EFFECTS
from tests.store.examples import EXAMPLES

KNOWN: tuple[type[Any], ...] = (*KINDS.values(), *EFFECTS.values())


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.kind)
def test_every_event_with_its_aware_instants_comes_back_as_it_was(event: Event) -> None:
    assert codec.decode(type(event), codec.encode(event)) == event


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_each_kind_comes_back_as_it_was(kind: type[Any], data: st.DataObject) -> None:
    value: object = data.draw(st.from_type(kind))

    assert codec.decode(kind, codec.encode(value)) == value


def test_the_outbox_knows_every_effect() -> None:
    assert EFFECTS.keys() == {kind.__name__ for kind in Effect.__subclasses__()}


@pytest.mark.parametrize("stored", [b"{}", b'{"object": 1, "text": []}', b"[]", b"no json"])
def test_what_does_not_fit_is_refused(stored: bytes) -> None:
    with pytest.raises(ValidationError):
        codec.decode(MessagePosted, stored)


def test_text_stays_readable_for_people_with_the_key() -> None:
    assert "hemsjukvården".encode() in codec.encode(MessagePosted("K1", "hemsjukvården"))
