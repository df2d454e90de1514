"""The fictional region on an embedded homeserver; never part of an installation."""
