"""The one sign-in with a password, at `samrum init`; ever after the stored token is used (matrix 11.A: sign-ins are few)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.matrix.http import Session
from bot.matrix.shapes import text
from bot.matrix.wire import CLIENT, Wire
from care.clock import MachineClock


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who the bot is on the homeserver; transaction ids count per device, so the device stays the same (matrix 5)."""

    user_id: str
    device_id: str
    access_token: str = field(repr=False)


@asynccontextmanager
async def reached(homeserver: str, clock: MachineClock, token: str = "") -> AsyncGenerator[Wire]:
    """Give a connection without keys, for what needs none."""
    wire = Wire(Session(homeserver), clock, token)
    try:
        yield wire
    finally:
        await wire.close()


async def login_once(
    homeserver: str, user: str, password: str, device_id: str, *, clock: MachineClock, name: str = "Samrum"
) -> Credentials:
    """Sign in as the device and return its credentials; raise Temporary or Permanent. `user` is a localpart or user id."""
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
        "device_id": device_id,
        "initial_device_display_name": name,
    }
    async with reached(homeserver, clock) as wire:
        answer = await wire.call("POST", f"{CLIENT}/login", body, token="")
    return Credentials(text(answer.get("user_id")), text(answer.get("device_id")), text(answer.get("access_token")))


async def logout(homeserver: str, token: str, *, clock: MachineClock) -> None:
    """Sign a device out: it is gone, and its keys with it; raise as `Wire.call`."""
    async with reached(homeserver, clock, token) as wire:
        await wire.call("POST", f"{CLIENT}/logout")
