"""Commands as a shell takes them: whatever is suggested on a terminal, in a page or in an error can be pasted."""

from __future__ import annotations

import shlex
from pathlib import Path


def command_line(*words: object) -> str:
    """One command from its words, quoted; a file whose name begins with a dash is named `./-like-this`."""
    return shlex.join(f"./{word}" if _looks_like_an_option(word) else str(word) for word in words)


def _looks_like_an_option(word: object) -> bool:
    text = str(word)
    return text.startswith("-") and (isinstance(word, Path) or text.endswith(".toml"))
