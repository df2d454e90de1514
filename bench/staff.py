"""People who only sit in rooms: an account and a device each, whose keys are published, and who come when they are called."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import vodozemac

from demo.accounts import PASSWORD
from demo.homeserver import Homeserver

ONE_TIME_KEYS = 100
AT_ONCE = 8
ALGORITHMS = ("m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2")

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of them: Matrix id, device and access token."""

    user: str
    device: str
    token: str


class Staff:
    """All of them, on one connection pool."""

    def __init__(self, session: aiohttp.ClientSession, people: tuple[Colleague, ...]) -> None:
        self._session = session
        self.people = people

    async def enter(self, rooms: Mapping[str, Iterable[str]]) -> None:
        """Let people join the rooms that they are invited to: room → Matrix ids."""
        tokens = {each.user: each.token for each in self.people}
        gate = asyncio.Semaphore(AT_ONCE)

        async def join(room: str, token: str) -> None:
            async with gate:
                await asked(self._session, "POST", f"/_matrix/client/v3/join/{quote(room, safe='')}", {}, token)

        await asyncio.gather(*(join(room, tokens[user]) for room, users in rooms.items() for user in users if user in tokens))

    async def react(self, where: Mapping[str, tuple[str, str]], key: str) -> None:
        """Let one person put a reaction on an event in each room: room → event and Matrix id."""
        tokens = {each.user: each.token for each in self.people}
        for room, (event, user) in where.items():
            relation = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}}
            path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.reaction/{uuid4().hex}"
            await asked(self._session, "PUT", path, relation, tokens[user])


async def hired(homeserver: Homeserver, session: aiohttp.ClientSession, count: int) -> Staff:
    """Register so many people, log each in and publish the keys of the device."""
    return Staff(session, tuple([await _hired(homeserver, session, f"kollega{n}.demo") for n in range(count)]))


async def _hired(homeserver: Homeserver, session: aiohttp.ClientSession, name: str) -> Colleague:
    user = await homeserver.register(name, PASSWORD)
    device = "BANK"
    token = await homeserver.login(name, PASSWORD, device=device)
    await asked(session, "POST", "/_matrix/client/v3/keys/upload", _published(vodozemac.Account(), user, device), token)
    return Colleague(user, device, token)


def _published(account: vodozemac.Account, user: str, device: str) -> Json:
    account.generate_one_time_keys(ONE_TIME_KEYS)
    identity = {f"curve25519:{device}": account.curve25519_key.to_base64(), f"ed25519:{device}": account.ed25519_key.to_base64()}
    keys: Json = {"user_id": user, "device_id": device, "algorithms": [*ALGORITHMS], "keys": identity}
    one_time = {
        f"signed_curve25519:{name}": _signed(account, user, device, {"key": key.to_base64()}) for name, key in account.one_time_keys.items()
    }
    return {"device_keys": _signed(account, user, device, keys), "one_time_keys": one_time}


def _signed(account: vodozemac.Account, user: str, device: str, what: Json) -> Json:
    canonical = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return {**what, "signatures": {user: {f"ed25519:{device}": account.sign(canonical).to_base64()}}}


async def asked(session: aiohttp.ClientSession, method: str, path: str, body: Mapping[str, object], token: str) -> Json:
    """Return the answer to a request; raise RuntimeError for a refusal."""
    async with session.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"}) as response:
        answer = cast("Json", await response.json())
        if response.status >= 400:  # noqa: PLR2004 - refused
            raise RuntimeError(f"{method} {path}: {response.status} {answer}")
        return answer
