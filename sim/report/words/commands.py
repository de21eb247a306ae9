"""The commands that tell a run of a saved comparison: the same files, changes, seed, months and beliefs."""

from __future__ import annotations

from collections.abc import Sequence

from sim.common.shell import command_line

_KEPT = ("--set", "--seed", "--months", "--uncertainty")
"""What fixes a run; other options of `airace compare` do not."""
_WITHOUT_VALUE = ("--quiet", "-q", "--debug", "--force", "--check", "--all")


def files_and_settings(command: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files that `airace compare` was given, and those of its options that fix a run; empty for other commands."""
    words = [str(word) for word in command]
    if "compare" not in words:
        return [], []
    files: list[str] = []
    kept: list[str] = []
    rest = iter(words[words.index("compare") + 1 :])
    for word in rest:
        name, _, given = word.partition("=") if word.startswith("--") else (word, "", "")
        if not word.startswith("-"):
            files.append(word)
        elif name not in _WITHOUT_VALUE:
            value = given or next(rest, "")
            kept += [name, value] if name in _KEPT else []
    return files, kept


def why_command(command: Sequence[str], pair: tuple[int, int], run: int) -> str:
    """`airace why` for a run of a comparison under two of its scenarios, by position; "" where it cannot be told."""
    files, kept = files_and_settings(command)
    if max(pair) >= len(files):
        return ""
    return command_line("airace", "why", *(files[position] for position in pair), "--run", run, *kept)

