"""`airace app`: the cockpit, a web page on which levers are moved and outcomes redrawn."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.exits import UsageError
from sim.cli.options import Anonymous
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.app.place import Place
    from sim.app.saved.folders import Saved

NEEDED = ("solara", "uvicorn", "starlette")

Host = Annotated[
    str,
    typer.Option(metavar="ADDRESS", help="Address to answer on. The default is reached from this machine alone; any "
                                         "other asks visitors for the token in the printed link."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Port to answer on; 0 takes any free one.")]
Behind = Annotated[
    str,
    typer.Option(metavar="URL", help="Address at which a proxy shows the cockpit, as a browser writes it: "
                                     "https://hub.example.org/user/ana/proxy/8765/"),
]
MesaPage = Annotated[bool, typer.Option("--mesa", help="Mesa's own page of the model instead, month by month.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")]


Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[DIR]...", show_default=False, help="Folders of airace game and airace advise, to look at "
                                                               "and to open their policies in the cockpit."),
]


def app(
    terminal: Terminal, folders: Folders = None, host: Host = "127.0.0.1", port: Port = 8765, behind: Behind = "",
    mesa: MesaPage = False, no_browser: NoBrowser = False, anonymous: Anonymous = False,
) -> None:
    """Open the cockpit in a browser: move levers, and see what changes; or look at saved studies. Ctrl-C ends it."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"the cockpit needs {missing[0]}, which is not installed; get it, in airace's folder, with: "
                         "pip install \".[app]\"")
    from sim.app.assets import MissingAssetsError
    from sim.app.place import Place

    if folders and mesa:
        raise UsageError("--mesa shows one run of the model, and no saved study: leave the folders or --mesa out")
    studies = _studies(terminal, folders or [])
    with listening_on(host, port, "app", 8765) as listening:
        try:
            place = Place.of(host, listening.getsockname()[1], behind)
        except ValueError as error:
            raise UsageError(f"--behind: {error}") from None
        from sim.app import serve
        from sim.app.view import for_everybody
        from sim.engine.simulate import compile_rules

        for_everybody.anonymous = anonymous
        compile_rules()  # before the page can ask for runs, each from a process of its own
        run = serve.run_mesa if mesa else partial(serve.run_cockpit, studies=studies)
        try:
            with suppress(KeyboardInterrupt):  # the server has closed its pages by then; this is how it ends
                run(listening, place, lambda: _tell(terminal, place, not no_browser, studies))
        except MissingAssetsError as error:
            raise UsageError(str(error)) from None
    terminal.say("\nended")


def _studies(terminal: Terminal, folders: Sequence[Path]) -> list[Saved]:
    """The saved studies of these folders; UsageError or StoreError for one that cannot be shown."""
    if not folders:
        return []
    from sim.app.saved.folders import read_all

    terminal.say("reading what is saved ...")
    try:
        return read_all(folders)
    except ValueError as error:  # too many folders, or a study from which nothing can be told
        raise UsageError(str(error)) from None


def _tell(terminal: Terminal, place: Place, browse: bool, studies: Sequence[Saved] = ()) -> None:
    """Say where the cockpit answers, and to whom; the link must be read even if all else is silenced."""
    from sim.app.saved.pages import first_path

    link = place.link_to(first_path(studies))
    if place.reached_by_others:
        terminal.say("warning: other machines can reach this cockpit, and what they send is not encrypted; it asks for "
                     "the token in this link, so give the link to those alone who may use this machine's processors")
        terminal.error(f"airace app answers at {link}")
    else:
        terminal.say(f"airace app answers at {link}")
    terminal.say("Ctrl-C ends it")
    if browse:
        open_browser(link)


def listening_on(host: str, port: int, command: str, usual: int) -> socket.socket:
    """A socket that `airace COMMAND` answers on; UsageError for a port or an address that it cannot have."""
    from sim.app.place import listen

    try:
        return listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} of {host} is taken, perhaps by another airace {command}; take another: "
                             f"airace {command} --port {port + 1 if port < 65535 else 0}") from None
        if error.errno == errno.EACCES:
            raise UsageError(f"port {port} is not for ordinary users; take another: "
                             f"airace {command} --port {usual}") from None
        raise UsageError(f"{host} is no address of this machine ({error.strerror or error}); "
                         f"airace {command} --host 127.0.0.1 answers this machine alone") from None


def open_browser(address: str) -> None:
    """Open the page without waiting for the browser."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
