# ruff: noqa: D102 - the members are nio's, and described there
"""What is used of nio, typed, and small shapes that several modules share."""

from typing import Any, Protocol

Pair = tuple[str, str]
"""A user id and a device id."""


class Client(Protocol):
    """nio's AsyncClient: its HTTP session."""

    async def send(
        self,
        method: str,
        path: str,
        data: str | bytes | None,
        headers: dict[str, str],
        trace_context: None,
        timeout: Any,  # noqa: ANN401, ASYNC109 - nio says float and hands it on to aiohttp, which wants a ClientTimeout
    ) -> Any: ...  # noqa: ANN401 - aiohttp's response behind nio's decorator
    async def close(self) -> None: ...
