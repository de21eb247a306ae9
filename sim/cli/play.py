"""`airace play`: the world goes forward a quarter at a time, and you decide; alone, or several in a room."""

from __future__ import annotations

import secrets
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import completion
from sim.cli.app import NoBrowser, Port, listening_on, open_browser
from sim.cli.exits import UsageError
from sim.cli.files import load_scenario
from sim.cli.options import Anonymous, Lang, Seed, Set, with_names_or_not
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.app.place import Place
    from sim.app.play.serve import Tables

NEEDED = ("uvicorn", "starlette")
World = Annotated[
    str,
    typer.Argument(metavar="FILE", help="The world to play in: a scenario file, or the name of one that comes with "
                                        "airace. What it decides goes on beside what you decide.",
                   autocompletion=completion.scenario),
]
Rooms = Annotated[bool, typer.Option("--room", help="Let several play together: the printed link opens rooms, which "
                                                    "others join by a code.")]
Host = Annotated[
    str,
    typer.Option(metavar="ADDRESS",
                 help="Address to answer on. The default is reached from this machine alone; 0.0.0.0 "
                      "lets others of the network join."),
]
OutGames = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder in which games are kept, each with its "
                                                                     "scenario file.")]


def play(
    terminal: Terminal, file: World = "baseline", set_: Set = None, room: Rooms = False, host: Host = "127.0.0.1",
    port: Port = 8766, out: OutGames = Path("games"), seed: Seed = 0, no_browser: NoBrowser = False,
    anonymous: Anonymous = False, lang: Lang = None,
) -> None:
    """Play: each quarter you decide for a power, a regulator, labs or investors. Ctrl-C ends it; games are kept."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"playing needs {missing[0]}, which is not installed; get it, in airace's folder, with: "
                         "pip install \".[app]\"")
    world = load_scenario(file, with_names_or_not(set_, anonymous), terminal)
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out} is a file; games are kept in a folder")
    from sim.app.place import Place

    with listening_on(host, port, "play", 8766) as listening:
        place = Place(host, listening.getsockname()[1])
        from sim.app.play.serve import Tables, run
        from sim.engine.simulate import compile_rules

        key = secrets.token_urlsafe(24) if room or place.reached_by_others else ""
        tables = Tables(world, seed, out, rooms=room, key=key, language=lang or "")
        for sentence in tables.not_opened:
            terminal.error(f"note: {sentence}")
        compile_rules()  # before the page asks for runs
        with suppress(KeyboardInterrupt):
            run(listening, place, tables, lambda: _tell(terminal, place, tables, not no_browser))
    terminal.say(f"\nended; games are in {out}")


def _tell(terminal: Terminal, place: Place, tables: Tables, browse: bool) -> None:
    """Say where the games are, and for whom the link is; it must be read even if all else is silenced."""
    link = f"{place.address}#key={tables.key}" if tables.key else place.address
    if place.reached_by_others:
        terminal.say("warning: other machines can reach these games, and what they send is not encrypted; play in a "
                     "network that you trust")
    if tables.key:
        terminal.error(f"airace play answers at {link}\nThat link is the host's: it opens games. Players open "
                       f"{_for_players(place)} and type the code of their room.")
    else:
        terminal.say(f"airace play answers at {link}")
    if tables.rooms:
        terminal.say(f"{len(tables.rooms)} kept in {tables.folder}: pages that were open go on where they were")
    terminal.say("Ctrl-C ends it")
    if browse:
        open_browser(link)


def _for_players(place: Place) -> str:
    """The address that other machines reach."""
    import socket

    if place.host not in ("0.0.0.0", "::"):
        return place.address
    return f"http://{socket.gethostname()}:{place.port}/"
