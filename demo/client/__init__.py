"""People with a Matrix client that shares no code with the bot: matrix-js-sdk and its Rust crypto, in one Node process.

A client made with the bot's own library would hide what that library gets wrong (matrix 11.B).
"""

from demo.client.connection import ClientError
from demo.client.events import Event, RoomState
from demo.client.people import Clients
from demo.client.person import Client

__all__ = ["Client", "ClientError", "Clients", "Event", "RoomState"]
