"""The homeserver's side of one account's identity: cross-signing keys, a device's keys, account data."""

from collections.abc import Mapping
from typing import Any

from bot.matrix.crypto.identity import Own, Signers
from bot.matrix.crypto.signing import Signer
from bot.matrix.errors import Permanent
from bot.matrix.shapes import Fields
from bot.matrix.wire import CLIENT, Json, path
from store.identities import Seeds

USER = "@samrum:x"
DEVICE = "SAMRUM"
PASSWORD = "hemligt"
DEVICE_KEY = Signer(b"d" * 32)


def device_signed(value: Fields) -> dict[str, Any]:
    """Sign as a device does: with its key, under its name."""
    public = DEVICE_KEY.sign(value, USER)["signatures"][USER][f"ed25519:{DEVICE_KEY.public}"]
    return {**value, "signatures": {USER: {f"ed25519:{DEVICE}": public}}}


def own() -> Own:
    keys = {f"ed25519:{DEVICE}": DEVICE_KEY.public, f"curve25519:{DEVICE}": "curve"}
    signed = device_signed({"user_id": USER, "device_id": DEVICE, "keys": keys})
    return Own(USER, DEVICE, lambda: signed, device_signed)


class Server:
    """Keeps what it is given; a first identity needs no password, a replacement does (matrix 11.C)."""

    def __init__(self) -> None:
        self.keys: dict[str, Json] = {}
        self.device: Json = dict(own().keys())
        self.data: dict[str, Json] = {}
        self.asked: list[str] = []
        self.strict = False
        self.refuses = False
        self.forbidden = "nothing"

    async def call(self, method: str, where: str, body: Mapping[str, Any] | None = None, **_more: object) -> Json:
        self.asked.append(where.removeprefix(CLIENT))
        if self.forbidden in where:
            raise Permanent("M_FORBIDDEN", 403)
        if "/account_data/" in where:
            return self._account_data(method, where, dict(body or {}))
        assert body is not None
        match where.removeprefix(CLIENT):
            case "/keys/query":
                keys = {f"{usage}_keys": {USER: key} for usage, key in self.keys.items()}
                return {"device_keys": {USER: {DEVICE: self.device}}, **keys}
            case "/keys/device_signing/upload":
                return self._keys(body)
            case _:
                return self._signatures(body[USER])

    def shows(self, seeds: Seeds) -> None:
        self.keys = {name.removesuffix("_key"): key for name, key in Signers.of(seeds).published(own()).items()}

    def _account_data(self, method: str, where: str, body: Json) -> Json:
        kind = where.removeprefix(path("user", USER, "account_data") + "/")
        if method == "PUT":
            self.data[kind] = body
        if kind not in self.data:
            raise Permanent("M_NOT_FOUND", 404)
        return self.data[kind]

    def _keys(self, body: Mapping[str, Any]) -> Json:
        given = {name.removesuffix("_key"): key for name, key in body.items() if name != "auth"}
        auth = body.get("auth")
        if (self.strict or (self.keys and given != self.keys)) and auth is None:
            raise Permanent("", 401, "", "the-session")
        if auth is not None and (auth["password"], auth["session"]) != (PASSWORD, "the-session"):
            raise Permanent("M_FORBIDDEN", 401, "", "the-session")
        self.keys = given
        return {}

    def _signatures(self, given: Mapping[str, Json]) -> Json:
        if self.refuses:
            return {"failures": {USER: {DEVICE: {"errcode": "M_INVALID_SIGNATURE"}}}}
        for name, signed in given.items():
            held = self.device if name == DEVICE else self.keys["master"]
            held.setdefault("signatures", {}).setdefault(USER, {}).update(signed["signatures"][USER])
        return {"failures": {}}
