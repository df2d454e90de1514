"""Tests of the demo: the embedded homeserver, the fictional region, the independent client."""
