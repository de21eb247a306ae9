"""What a command prints: data on stdout, messages on stderr, and a name from a file never as a command.

Rich draws the tables and the progress bar; it is imported when one is drawn, and honours NO_COLOR.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sim.common.language import WITHOUT_SPACES, language
from sim.common.shell import command_line
from sim.common.text import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn

Progress = Callable[[int, int, int], None]
WIDTH_WHEN_PIPED = 1000  # a table in a pipe is as wide as it needs: nothing is cut or wrapped


class Terminal:
    """Where a command writes. `quiet` silences messages, but neither data nor errors."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet

    def data(self, text: str = "") -> None:
        """A result, on stdout."""
        print(clean(text))

    def paragraph(self, text: str) -> None:
        """A result in sentences, on stdout, wrapped to the terminal and at most 100 columns.

        A language without spaces is left to the terminal, which may break a line anywhere.
        """
        width = min(100, self.width())
        for line in clean(text).splitlines() or [""]:
            print(line if language() in WITHOUT_SPACES else
                  textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False))

    def say(self, text: str = "") -> None:
        """A message, on stderr, unless quiet."""
        if not self.quiet:
            self.error(text)

    def error(self, text: str) -> None:
        """What must be read, on stderr."""
        print(clean(text), file=sys.stderr)

    def suggest(self, *commands: Sequence[object], notes: Sequence[str] = ()) -> None:
        """The next useful commands, each as its words, on stderr as a shell takes them, unless quiet.

        `notes` say what some of the commands are for, in their order; a shell takes them for comments.
        """
        self.say()
        for place, command in enumerate(commands):
            note = f"  # {notes[place]}" if place < len(notes) and notes[place] else ""
            self.say(f"{'     ' if place else 'next:'} {command_line(*command)}{note}")

    def width(self) -> int:
        """Columns of the terminal; 80 if stdout is not one."""
        import shutil

        return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80

    def table(
        self,
        headers: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        right: Sequence[int] = (),
        whole: Sequence[int] = (0,),
    ) -> None:
        """An aligned table on stdout. `right` are columns to align right, `whole` those never to wrap.

        Headers that are all empty are not drawn.
        """
        from rich.table import Table
        from rich.text import Text

        drawn = Table(
            box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(headers)
        )
        for column, header in enumerate(headers):
            drawn.add_column(
                Text(clean(header)),
                justify="right" if column in right else "left",
                no_wrap=column in right or column in whole,
                vertical="top",
            )
        for cells in rows:
            drawn.add_row(*(Text(clean(cell)) for cell in cells))
        console = self._console()
        with console.capture() as captured:
            console.print(drawn)
        print("\n".join(line.rstrip() for line in captured.get().splitlines()))

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Progress | None]:
        """A bar on stderr with count, rate, time left and failures; None if nobody would see it."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        bar = Bar(*_columns(), console=Console(stderr=True, highlight=False), transient=True)
        task = bar.add_task(clean(label), total=total, failed="", markup=False)

        def advance(done: int, total: int, failed: int) -> None:
            bar.update(task, completed=done, total=total, failed=f"{failed} failed" if failed else "")

        with bar:
            yield advance

    def _console(self) -> Console:
        from rich.console import Console

        return Console(
            markup=False,
            highlight=False,
            emoji=False,
            width=None if sys.stdout.isatty() else WIDTH_WHEN_PIPED,
        )


def clean(text: str) -> str:
    """Text that prints as it reads: control characters and marks that turn the reading order are replaced."""
    return "\n".join(printable(line) for line in text.split("\n"))


def _columns() -> list[ProgressColumn]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Runs a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    return [
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}", markup=False),
    ]
