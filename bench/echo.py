"""What a bot could be at best: matrix-nio alone, as its guide shows it, answering in encrypted rooms.

`python -m bench.echo URL USER STORE`, with the password in the environment (`ECHO_PASSWORD`). It joins whatever it is invited to and says
each message again.
"""

import asyncio
import os
import sys

from nio import AsyncClient, AsyncClientConfig, ErrorResponse, Event, InviteMemberEvent, MatrixRoom, RoomMessageText

PASSWORD = "ECHO_PASSWORD"  # noqa: S105 - the name of a variable


async def signed_in(url: str, user: str, store: str, password: str) -> AsyncClient:
    """Return a client that has logged in as a new device and synced once."""
    client = AsyncClient(url, user, store_path=store, config=AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True))
    for answer in (
        await client.login(password, device_name="bench"),
        await client.keys_upload(),
        await client.sync(timeout=0, full_state=True),
    ):
        if isinstance(answer, ErrorResponse):
            raise RuntimeError(f"{user}: {answer}")  # noqa: TRY004 - the homeserver's refusal, not a wrong argument
    return client


async def echo(url: str, user: str, store: str) -> None:
    """Never return."""
    client = await signed_in(url, user, store, os.environ[PASSWORD])

    async def heard(room: MatrixRoom, event: Event) -> None:
        if isinstance(event, RoomMessageText) and event.sender != user:
            await said(client, room.room_id, event.body)

    async def invited(room: MatrixRoom, _event: Event) -> None:
        await client.join(room.room_id)

    client.add_event_callback(heard, RoomMessageText)
    # nio's annotations know no stripped events, its callbacks do.
    client.add_event_callback(invited, InviteMemberEvent)  # pyright: ignore[reportArgumentType]
    print("ready", flush=True)  # noqa: T201 - what its parent waits for
    await client.sync_forever(timeout=30_000)


async def said(client: AsyncClient, room: str, body: str) -> None:
    """Send a message as nio does, to all devices; raise RuntimeError if the homeserver did not take it."""
    answer = await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": body}, ignore_unverified_devices=True)
    if not hasattr(answer, "event_id"):
        raise RuntimeError(str(answer))


if __name__ == "__main__":
    asyncio.run(echo(*sys.argv[1:]))
