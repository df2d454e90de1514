"""Files, encrypted before they leave (Matrix 1.19, client-server 11.12.2.2)."""

from typing import Any

from nio.crypto.attachments import encrypt_attachment

from bot.matrix.wire import Wire, said

UPLOAD = "/_matrix/media/v3/upload"
OPAQUE = "application/octet-stream"
SECONDS = 120.0


async def upload(wire: Wire, data: bytes, name: str, mime: str) -> dict[str, Any]:
    """Upload under no name and no type of its own; return the content of the `m.file` message, whose key is in it."""
    sealed, key = encrypt_attachment(data)
    answer = await wire.call("POST", UPLOAD, sealed, mime=OPAQUE, seconds=SECONDS)
    return {
        "msgtype": "m.file",
        "body": name,
        "filename": name,
        "info": {"mimetype": mime, "size": len(data)},
        "file": {**key, "url": said(answer, "content_uri")},
    }
