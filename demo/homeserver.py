"""A real homeserver for the demo and the tests: Synapse as a process of its own, on loopback, its state in one folder.

The process is not bound to an event loop: tests start it once for a session and speak to it from many loops.
"""

import asyncio
import hashlib
import hmac
import signal
import subprocess
import sys
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import aiohttp

from demo.homeserver_settings import LOOPBACK, OUTPUT, Settings, settings, taken, write

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.05
KEEPER = "keeper"
"""The localpart of the account that registers the others and frees them of limits; it takes part in nothing else."""


class HomeserverError(RuntimeError):
    """Synapse did not start, or refused what a demo or test cannot do without."""


class Homeserver:
    """Synapse in `data`; port 0 is a free one, the same at each start on the same folder.

    Without `limits` people may log in often, and all registered accounts but those named `limited` are free of
    Synapse's limits for messages, rooms and invitations; `messages` is the limit for messages instead: a second, and at once.
    """

    def __init__(
        self,
        data: Path,
        port: int = 0,
        *,
        server_name: str = "almfors.test",
        limits: bool = False,
        messages: tuple[float, int] | None = None,
    ) -> None:
        self._settings: Settings = settings(data.resolve(), port, server_name, limits=limits, messages=messages)
        self._process: subprocess.Popen[bytes] | None = None
        self._administrator = ""

    @property
    def server_name(self) -> str:
        """The part of user ids after the colon."""
        return self._settings.server_name

    @property
    def port(self) -> int:
        """The port on loopback."""
        return self._settings.port

    @property
    def url(self) -> str:
        """The base URL for clients, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The process id; raises HomeserverError while it is not running."""
        if self._process is None:
            raise HomeserverError("the homeserver is not running")
        return self._process.pid

    def user_id(self, localpart: str) -> str:
        """Return the Matrix user id of a localpart."""
        return f"@{localpart}:{self.server_name}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start Synapse and return when clients are answered.

        Raises HomeserverError with its last words if it ends first, and TimeoutError after 90 seconds. A port in use is
        refused before that: the other server would answer in its place.
        """
        if taken(self.port):
            raise HomeserverError(f"port {self.port} is in use")
        configuration = await asyncio.to_thread(write, self._settings)
        self._process = await asyncio.to_thread(self._launch, configuration)
        try:
            async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
                while not await self._ready(session):  # noqa: ASYNC110 - another process gives no event to wait for
                    await asyncio.sleep(POLL_SECONDS)
        except BaseException:
            await self.kill()
            raise

    def _launch(self, configuration: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "synapse.app.homeserver", "--config-path", str(configuration)]
        with (self._settings.data / OUTPUT).open("wb") as output:
            # A session of its own: Ctrl-C in the terminal reaches the demo alone, which then stops the parts in order.
            return subprocess.Popen(command, cwd=self._settings.data, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        if self._process is None or self._process.poll() is not None:
            said = await asyncio.to_thread((self._settings.data / OUTPUT).read_text, encoding="utf-8", errors="replace")
            raise HomeserverError(f"Synapse ended before it was ready:\n{said[-2000:]}")
        try:
            async with session.get(f"{self.url}/_matrix/client/versions") as response:
                return response.status == HTTPStatus.OK
        except aiohttp.ClientError:
            return False

    async def stop(self) -> None:
        """Let Synapse end by itself, or kill it after 20 seconds; without a process nothing happens."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End Synapse as a power cut would."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def register(
        self, localpart: str, password: str, *, admin: bool = False, display: str | None = None, limited: bool = False
    ) -> str:
        """Register an account unless it exists (its password stays as it was), and return its user id.

        `limited` accounts keep Synapse's limits until someone asks the administrator API for an override (the bot does
        at init); without it, and if the homeserver is not one with `limits`, the account is freed of them.
        """
        await self._register(localpart, password, admin=admin, display=display)
        if not limited and not self._settings.limits:
            await self._free(localpart)
        return self.user_id(localpart)

    async def _register(self, localpart: str, password: str, *, admin: bool, display: str | None) -> None:
        path = "/_synapse/admin/v1/register"
        nonce = str((await self._call("GET", path))["nonce"])
        words = (nonce, localpart, password, "admin" if admin else "notadmin")
        mac = hmac.new(self._settings.registration_secret.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": localpart, "password": password, "admin": admin, "mac": mac}
        body |= {"displayname": display or localpart, "inhibit_login": True}
        await self._call("POST", path, body, accepts="M_USER_IN_USE")

    async def _free(self, localpart: str) -> None:
        path = f"/_synapse/admin/v1/users/{self.user_id(localpart)}/override_ratelimit"
        unlimited = {"messages_per_second": 0, "burst_count": 0}
        await self._call("POST", path, unlimited, token=await self.administrator())

    async def administrator(self) -> str:
        """Return an access token for the administrator API; the same one as long as this process uses it."""
        if not self._administrator:
            await self._register(KEEPER, self._settings.keeper_password, admin=True, display=None)
            self._administrator = await self.login(KEEPER, self._settings.keeper_password)
        return self._administrator

    async def login(self, localpart: str, password: str, *, device: str = "") -> str:
        """Log in with a password, as a new device or as `device`, and return the access token."""
        body: dict[str, object] = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": localpart},
            "password": password,
        }
        answer = await self._call("POST", "/_matrix/client/v3/login", body | ({"device_id": device} if device else {}))
        return str(answer["access_token"])

    async def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, token: str = "", accepts: str = ""
    ) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as session,
            session.request(method, path, json=body) as response,
        ):
            answer = cast("dict[str, object]", await response.json())
        if response.status != HTTPStatus.OK and answer.get("errcode") != accepts:
            raise HomeserverError(f"{method} {path}: {response.status} {answer}")
        return answer
