"""`--rules FILE.py --trust-code`: rules of the user's own, from a file whose hash goes wherever the results go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.exits import UsageError
from sim.common.text import printable

if TYPE_CHECKING:
    from sim.engine.rules_file import FileRules

Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE.py", show_default=False,
                 help="Simulate with rules of your own from a Python file that defines `stages` (docs/howto/rule.md); "
                 "needs --trust-code."),
]
TrustCode = Annotated[
    bool, typer.Option("--trust-code", help="Run the code in --rules, which may do whatever you may.")
]
OPTIONS = "--rules FILE.py --trust-code"


def own_rules(file: Path | None, trusted: bool) -> FileRules | None:
    """The stages of a file that may be run, None for none; ArgumentError or UsageError where it cannot be used."""
    if not _asked(file, trusted):
        return None
    from sim.engine.rules_file import RulesFile

    assert file is not None
    return RulesFile.read(file).load()


def rules_again(what: str, departures: Sequence[str], file: Path | None, trusted: bool) -> FileRules | None:
    """The rules that `what` was made with, from the same file; it is not run before its hash is seen to agree.

    UsageError where `what` needs none, or others, or its rules came from no file.
    """
    from sim.engine.provenance import rules_file_of
    from sim.engine.rules_file import RulesFile

    asked = _asked(file, trusted)
    own = next(filter(None, departures), "")
    if not own:
        if asked:
            raise UsageError(f"{what} was made by the rules of the model alone; leave --rules out")
        return None
    made_with = rules_file_of(own)
    if made_with is None or len(set(departures)) > 1:
        raise UsageError(f"{what} was made in Python with {own}, which no manifest can hold: run its script again")
    name, digest = made_with
    if not asked:
        raise UsageError(f"{what} was made with {own}; it holds the file's name and hash, not the file: give it again "
                         f"with {OPTIONS.replace('FILE.py', printable(name))}")
    assert file is not None
    read = RulesFile.read(file)
    if read.sha256 != digest:
        raise UsageError(f"{what} was made with rules from {name} of SHA-256 {digest}; {read.name} has another, "
                         f"{read.sha256}, so nothing of it was run: give the file as it was")
    return read.load()


def without_its_folder(command: Sequence[str]) -> list[str]:
    """A command with the file of rules by its name alone, as a manifest keeps it."""
    told = list(command)
    for place, part in enumerate(told):
        if place and told[place - 1] == "--rules":
            told[place] = Path(part).name
        elif part.startswith("--rules="):
            told[place] = f"--rules={Path(part.removeprefix('--rules=')).name}"
    return told


def asked_again(file: Path | None) -> list[str]:
    """The options once more, for a command that is suggested."""
    return [] if file is None else ["--rules", str(file), "--trust-code"]


def _asked(file: Path | None, trusted: bool) -> bool:
    """Whether rules are asked for; UsageError if half of the two options is missing."""
    if file is None and trusted:
        raise UsageError("--trust-code trusts the code in --rules, and there is none; name the file, or leave it out")
    if file is not None and not trusted:
        raise UsageError(f"--rules runs the code in {printable(str(file))} with your rights: it may read, change and "
                         "send whatever you may. Read it, and add --trust-code if you trust it; nothing of it was run")
    return file is not None
