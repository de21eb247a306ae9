"""Commands as a shell takes them: whatever is suggested on a terminal, in a page or in an error can be pasted."""

from __future__ import annotations

import os
import shlex
from pathlib import Path


def command_line(*words: object) -> str:
    """One command from its words, quoted; a file whose name begins with a dash is named `./-like-this`."""
    return shlex.join(readable(f"./{word}" if _looks_like_an_option(word) else word) for word in words)


def readable(word: object) -> str:
    """A word of a command as text that can be written: bytes of a file's name that are no text become signs for it."""
    return os.fsencode(str(word)).decode("utf-8", "replace")


def _looks_like_an_option(word: object) -> bool:
    text = str(word)
    return text.startswith("-") and (isinstance(word, Path) or text.endswith(".toml"))
