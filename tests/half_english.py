"""Swedish templates with English days, lists and short words: what shows which language was asked for, however the English is worded."""

from collections.abc import Generator
from contextlib import contextmanager
from unittest.mock import patch

from care.language import Language
from texts import render


@contextmanager
def half_english() -> Generator[None]:
    """Let English messages be made of the Swedish templates."""
    with patch.dict(render.FOLDERS, {Language.EN: render.FOLDERS[Language.SV]}):
        render.environment.cache_clear()
        try:
            yield
        finally:
            render.environment.cache_clear()
