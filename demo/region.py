"""The fictional region of the demo, in the same file format that an installation imports."""

from pathlib import Path

from care.people import Directory
from store import directory_file

REGION = Path(__file__).parent / "region.toml"


def load(server_name: str) -> Directory:
    """Return Region Almfors with its staff as users of a homeserver; raise DirectoryFileError if the file is not right."""
    return directory_file.load(REGION, server_name)
