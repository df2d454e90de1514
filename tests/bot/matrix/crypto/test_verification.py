"""Verification by emoji, the other side played by the same calculations: what is answered, refused, and told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from vodozemac import Sas

from bot.matrix.crypto import sas, verification
from bot.matrix.crypto.identity import Signers
from bot.matrix.crypto.sas import Party
from bot.matrix.crypto.signing import Signer, canonical
from bot.matrix.crypto.talks import WAITING, News, Step, Turn
from bot.matrix.crypto.verification import EVENT, LONGEST, REQUEST, Verifications
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import Incoming, Kind
from bot.matrix.shapes import Fields, fields
from bot.matrix.wire import Json, Wire
from tests.bot.matrix.bots import SEEDS
from tests.bot.matrix.crypto.accounts import DEVICE, USER, own

ROOM = "!direct"
ANNA = "@anna.demo:x"
PHONE = "PHONE"
NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
BOT = Party(USER, DEVICE)
THEY = Party(ANNA, PHONE)
MASTER = Signers.of(SEEDS).master.public


class Clock:
    def __init__(self) -> None:
        self.passed = 0.0

    def utc(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed


@dataclass
class Scene:
    """The bot's verifications, what it sent and told, and Anna's phone."""

    clock: Clock = field(default_factory=Clock)
    sent: list[tuple[str, Fields]] = field(default_factory=list[tuple[str, Fields]])
    news: list[News] = field(default_factory=list[News])
    counters: Counter[str] = field(default_factory=Counter[str])
    phone: Signer = field(default_factory=lambda: Signer(b"p" * 32))
    readers: frozenset[str] = frozenset({ANNA})
    away: bool = False
    expelled: bool = False
    deaf: bool = False
    secret: Sas = field(default_factory=Sas)
    public: str = ""
    start: Json = field(default_factory=dict[str, Any])
    requests: int = 0

    def __post_init__(self) -> None:
        self.public = self.secret.public_key.to_base64()
        self.bot = Verifications(cast("Wire", self), own(), self._master, self._send, self._knows, self.clock, self.counters)
        self.bot.told = self._told

    async def call(self, _method: str, _where: str, _body: Fields) -> Json:
        """Answer a key query: Anna's phone, signed by itself."""
        keys = {f"ed25519:{PHONE}": self.phone.public, f"curve25519:{PHONE}": "curve"}
        algorithms = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"]
        device = {"user_id": ANNA, "device_id": PHONE, "algorithms": algorithms, "keys": keys}
        signature = self.phone.sign(device, ANNA)["signatures"][ANNA][f"ed25519:{self.phone.public}"]
        return {"device_keys": {ANNA: {PHONE: {**device, "signatures": {ANNA: {f"ed25519:{PHONE}": signature}}}}}}

    async def _master(self) -> str:
        return MASTER

    async def _send(self, _room: str, kind: str, content: Fields, _txn: str) -> str:
        if self.away:
            raise Temporary(why="away")
        if self.expelled:
            raise Permanent("M_FORBIDDEN", 403)
        self.sent.append((kind.removeprefix(EVENT), content))
        return f"$sent{len(self.sent)}"

    async def _knows(self, _room: str) -> frozenset[str]:
        return self.readers

    async def _told(self, news: News) -> None:
        if self.deaf:
            raise OSError("the disk is full")
        self.news.append(news)

    @property
    def said(self) -> list[str]:
        return [kind for kind, _ in self.sent]

    @property
    def told(self) -> list[Turn]:
        return [news.turn for news in self.news]

    @property
    def codes(self) -> list[str]:
        return [content["code"] for kind, content in self.sent if kind == "cancel"]

    async def ask(self, **changed: object) -> str:
        """Press "Verify"; return the transaction."""
        self.requests += 1
        content = {"msgtype": REQUEST, "to": USER, "from_device": PHONE, "methods": [sas.METHOD], **changed}
        await self.bot.answer(event(REQUEST, content, event_id=f"${self.requests}", at=self.clock.utc()))
        return f"${self.requests}"

    async def answer(self, what: str, content: Json, transaction: str = "$1", **changed: Any) -> None:  # noqa: ANN401 - fields of an event
        related = {**content, "m.relates_to": {"rel_type": "m.reference", "event_id": transaction}}
        await self.bot.answer(event(f"{EVENT}{what}", related, target=transaction, **changed))

    async def begin(self, **changed: object) -> None:
        """Send a start that offers what clients offer."""
        self.start = {
            "from_device": PHONE,
            "method": sas.METHOD,
            "key_agreement_protocols": ["curve25519", sas.AGREEMENT],
            "hashes": [sas.HASH],
            "message_authentication_codes": ["hkdf-hmac-sha256", sas.MAC],
            "short_authentication_string": ["decimal", "emoji"],
            **changed,
        }
        await self.answer("start", self.start)

    async def show(self) -> None:
        """Come as far as the emoji."""
        await self.ask()
        await self.begin()
        await self.answer("key", {"key": self.public})

    def established(self) -> sas.Established:
        theirs = next(content["key"] for kind, content in self.sent if kind == "key")
        found = sas.agreed(self.secret, theirs)
        assert found is not None
        return found

    def proof(self, established: sas.Established, key: str = "") -> Json:
        return sas.macs(established, {f"ed25519:{PHONE}": key or self.phone.public}, THEY, BOT, "$1")


def event(kind: str, content: Json, **changed: Any) -> Incoming:  # noqa: ANN401 - fields of an event
    given: dict[str, Any] = {"event_id": "$e", "room_id": ROOM, "sender": ANNA, "at": NOW, "device": PHONE, "decrypted": True, **changed}
    return Incoming(kind=Kind.VERIFICATION, msgtype=kind, content=content, **given)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_a_verification_runs_to_its_end_and_the_administrators_hear_of_it(scene: Scene) -> None:
    await scene.show()
    established = scene.established()
    number = scene.news[0].number
    await scene.bot.confirm(number, agrees=True)
    mac = scene.sent[-1][1]
    await scene.answer("mac", scene.proof(established))
    await scene.answer("done", {})

    assert scene.said == ["ready", "accept", "key", "mac", "done"]
    assert scene.told == [Turn.COMPARE, Turn.VERIFIED]
    code = sas.code(established, THEY, scene.public, BOT, scene.sent[2][1]["key"], "$1")
    assert (scene.news[0].emoji, scene.news[0].decimals) == (tuple(code.emoji_indices), code.decimals)
    assert sas.proven(established, mac, {f"ed25519:{MASTER}": MASTER}, BOT, THEY, "$1")
    assert set(fields(mac["mac"])) == {f"ed25519:{MASTER}", f"ed25519:{DEVICE}"}
    assert all(content["m.relates_to"] == {"rel_type": "m.reference", "event_id": "$1"} for _, content in scene.sent)


async def test_the_commitment_binds_the_key_to_the_start(scene: Scene) -> None:
    await scene.show()

    start = {**scene.start, "m.relates_to": {"rel_type": "m.reference", "event_id": "$1"}}
    assert scene.sent[1][1]["commitment"] == sas.commitment(scene.sent[2][1]["key"], canonical(start))


async def test_it_does_not_matter_who_confirms_first(scene: Scene) -> None:
    await scene.show()
    await scene.answer("mac", scene.proof(scene.established()))
    assert "done" not in scene.said

    await scene.bot.confirm(scene.news[0].number, agrees=True)

    assert scene.said[-2:] == ["mac", "done"]


async def test_without_an_administrators_word_nothing_is_proven(scene: Scene) -> None:
    await scene.show()
    await scene.answer("mac", scene.proof(scene.established()))

    assert "mac" not in scene.said


async def test_emoji_that_differ_cancel_it(scene: Scene) -> None:
    await scene.show()
    await scene.bot.confirm(scene.news[0].number, agrees=False)

    assert scene.codes == ["m.mismatched_sas"]
    assert scene.told == [Turn.COMPARE, Turn.CANCELLED]


async def test_another_key_than_the_published_one_cancels_it(scene: Scene) -> None:
    await scene.show()
    await scene.answer("mac", scene.proof(scene.established(), key=Signer(b"q" * 32).public))
    await scene.bot.confirm(scene.news[0].number, agrees=True)

    assert scene.codes == ["m.key_mismatch"]
    assert "done" not in scene.said


@pytest.mark.parametrize("proof", [{}, {"mac": {}, "keys": ""}, {"mac": {f"ed25519:{PHONE}": 7}, "keys": 7}])
async def test_a_malformed_proof_cancels_it(scene: Scene, proof: Json) -> None:
    await scene.show()
    await scene.bot.confirm(scene.news[0].number, agrees=True)
    await scene.answer("mac", {**proof, "x": 1})

    assert scene.codes == ["m.key_mismatch"]


async def test_a_stranger_to_the_room_gets_no_answer_and_a_room_that_is_made_for_it_a_second_look(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "AGAIN", 0.01)
    scene.readers = frozenset()
    attending = asyncio.create_task(scene.bot.attend())

    await scene.ask()
    before = list(scene.said)
    scene.readers = frozenset({ANNA})
    await until(lambda: scene.said)
    attending.cancel()

    assert before == []
    assert scene.said == ["ready"]


@pytest.mark.parametrize(
    "changed",
    [{"to": "@other:x"}, {"from_device": "OTHER"}, {"from_device": ""}, {"from_device": 7}],
)
async def test_a_request_for_another_or_from_another_device_is_ignored(scene: Scene, changed: Json) -> None:
    await scene.ask(**changed)

    assert scene.sent == []
    assert scene.counters["verification_ignored"] == 1


@pytest.mark.parametrize("seconds", [-301.0, 600.0])
async def test_a_request_of_another_time_is_ignored(scene: Scene, seconds: float) -> None:
    content = {"to": USER, "from_device": PHONE, "methods": [sas.METHOD]}
    await scene.bot.answer(event(REQUEST, content, at=NOW - timedelta(seconds=seconds)))

    assert scene.sent == []


async def test_a_method_that_is_unknown_is_cancelled_with_the_reason(scene: Scene) -> None:
    await scene.ask(methods=["m.qr_code.show.v1"])

    assert scene.codes == ["m.unknown_method"]


@pytest.mark.parametrize("changed", [{"method": "m.other"}, {"hashes": ["md5"]}, {"from_device": "OTHER"}, {"hashes": 7}])
async def test_a_start_that_offers_nothing_known_is_cancelled(scene: Scene, changed: Json) -> None:
    await scene.ask()
    await scene.begin(**changed)

    assert scene.codes == ["m.unknown_method"]


@pytest.mark.parametrize("key", ["", "AAAA", "inget"])
async def test_a_malformed_key_is_cancelled(scene: Scene, key: str) -> None:
    await scene.ask()
    await scene.begin()
    await scene.answer("key", {"key": key})

    assert scene.codes == ["m.invalid_message"]


async def test_what_comes_out_of_turn_is_cancelled(scene: Scene) -> None:
    await scene.ask()
    await scene.answer("mac", {})

    assert scene.codes == ["m.unexpected_message"]


async def test_after_ten_minutes_it_is_cancelled_and_told(scene: Scene) -> None:
    await scene.show()
    scene.clock.passed = LONGEST - 1
    await scene.bot.expire()
    assert scene.codes == []

    scene.clock.passed = LONGEST
    await scene.bot.expire()

    assert scene.codes == ["m.timeout"]
    assert scene.told == [Turn.COMPARE, Turn.CANCELLED]


async def test_a_word_after_ten_minutes_proves_nothing_though_nobody_has_looked_yet(scene: Scene) -> None:
    await scene.show()
    scene.clock.passed = LONGEST
    await scene.bot.confirm(scene.news[0].number, agrees=True)

    assert scene.told == [Turn.COMPARE, Turn.GONE]
    assert "mac" not in scene.said


async def test_what_takes_too_long_ends_for_the_administrators_though_the_homeserver_is_away(scene: Scene) -> None:
    await scene.show()
    scene.clock.passed, scene.away = LONGEST, True
    await scene.bot.expire()
    scene.away = False
    await scene.bot.expire()

    assert scene.told == [Turn.COMPARE, Turn.CANCELLED]


async def test_an_end_that_could_not_be_told_is_told_at_the_next_look_as_it_was(scene: Scene) -> None:
    await scene.show()
    await scene.answer("mac", scene.proof(scene.established()))
    await scene.bot.confirm(scene.news[0].number, agrees=True)
    scene.deaf = True
    with pytest.raises(OSError, match="full"):
        await scene.answer("done", {})
    scene.deaf = False
    await scene.bot.expire()
    await scene.bot.expire()

    assert scene.told == [Turn.COMPARE, Turn.VERIFIED]
    assert scene.codes == []


async def test_one_that_breaks_keeps_no_other_from_its_end(scene: Scene) -> None:
    await scene.show()
    scene.clock.passed = LONGEST
    scene.deaf = True
    await scene.bot.expire()
    scene.deaf = False
    await scene.bot.expire()

    assert scene.counters["verification_failed"] == 1
    assert scene.told == [Turn.COMPARE, Turn.CANCELLED]


@pytest.mark.usefixtures("attending")
async def test_what_takes_too_long_is_ended_among_other_events_too(scene: Scene) -> None:
    await scene.ask()
    scene.clock.passed = LONGEST
    scene.bot.hear(event("m.key.verification.done", {}, target="$unknown"))
    await until(lambda: scene.codes)

    assert scene.codes == ["m.timeout"]


async def test_a_done_that_comes_while_the_bot_still_concludes_is_not_out_of_turn(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.show()
    await scene.answer("mac", scene.proof(scene.established()))
    hurried: list[asyncio.Task[None]] = []
    send = scene.bot._send

    async def overtaken(room: str, kind: str, content: Fields, txn: str) -> str:
        if kind == f"{EVENT}mac":
            hurried.append(asyncio.create_task(scene.answer("done", {})))
        for _ in range(5):
            await asyncio.sleep(0)
        return await send(room, kind, content, txn)

    monkeypatch.setattr(scene.bot, "_send", overtaken)
    await scene.bot.confirm(scene.news[0].number, agrees=True)
    await asyncio.gather(*hurried)

    assert scene.codes == []
    assert scene.told == [Turn.COMPARE, Turn.VERIFIED]


async def test_who_presses_again_ends_the_first_one(scene: Scene) -> None:
    await scene.ask()
    await scene.ask()

    assert scene.said == ["ready", "cancel", "ready"]
    assert scene.codes == ["m.user"]
    assert scene.news == []


async def test_what_the_person_cancels_is_told_once_there_was_something_to_compare(scene: Scene) -> None:
    await scene.show()
    await scene.answer("cancel", {"code": "m.user"})
    await scene.bot.confirm(scene.news[0].number, agrees=True)

    assert scene.told == [Turn.COMPARE, Turn.CANCELLED, Turn.GONE]
    assert "mac" not in scene.said


async def test_another_persons_or_devices_events_are_ignored(scene: Scene) -> None:
    await scene.ask()
    for changed in ({"sender": "@mallory:x"}, {"room_id": "!other"}, {"device": "OTHER"}):
        await scene.answer("cancel", {"code": "m.user"}, **changed)
    await scene.answer("start", {}, transaction="$unknown")

    assert scene.counters["verification_ignored"] == 4
    assert scene.said == ["ready"]


async def test_events_in_clear_are_answered_too(scene: Scene) -> None:
    content = {"to": USER, "from_device": PHONE, "methods": [sas.METHOD]}
    await scene.bot.answer(event(REQUEST, content, event_id="$1", device="", decrypted=False))

    assert scene.said == ["ready"]


async def test_a_word_that_broke_off_is_finished_when_it_is_repeated(scene: Scene) -> None:
    await scene.show()
    await scene.answer("mac", scene.proof(scene.established()))
    scene.away = True
    with pytest.raises(Temporary):
        await scene.bot.confirm(scene.news[0].number, agrees=True)

    scene.away = False
    await scene.bot.confirm(scene.news[0].number, agrees=True)
    await scene.answer("done", {})

    assert scene.told == [Turn.COMPARE, Turn.VERIFIED]


async def test_a_room_that_the_bot_was_put_out_of_ends_it(scene: Scene) -> None:
    await scene.show()
    scene.expelled = True
    await scene.bot.confirm(scene.news[0].number, agrees=False)

    assert scene.told == [Turn.COMPARE, Turn.CANCELLED]


@pytest.mark.usefixtures("attending")
async def test_a_verification_that_breaks_does_not_stop_the_others(scene: Scene) -> None:
    scene.away = True
    scene.bot.hear(event(REQUEST, {"to": USER, "from_device": PHONE, "methods": [sas.METHOD]}, event_id="$1"))
    await until(lambda: scene.counters["verification_failed"])
    scene.away = False
    scene.bot.hear(event(REQUEST, {"to": USER, "from_device": PHONE, "methods": [sas.METHOD]}, event_id="$2"))
    scene.bot.hear(event(REQUEST, {}, sender=USER))
    await until(lambda: "ready" in scene.said)

    assert scene.counters == {"verification_failed": 1}


async def test_what_takes_too_long_is_ended_without_anything_being_heard(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "LOOK", 0.01)
    await scene.ask()
    scene.clock.passed = LONGEST
    task = asyncio.create_task(scene.bot.attend())
    await until(lambda: scene.codes)
    task.cancel()

    assert scene.codes == ["m.timeout"]


@pytest.fixture
async def attending(scene: Scene) -> AsyncIterator[None]:
    task = asyncio.create_task(scene.bot.attend())
    yield
    task.cancel()


async def until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not found():  # noqa: ASYNC110 - the scene gives no event to wait for
            await asyncio.sleep(0.01)


def test_steps_that_wait_for_a_word_are_those_with_emoji() -> None:
    assert frozenset({Step.SHOWN, Step.CONFIRMED}) == WAITING
