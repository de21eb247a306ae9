"""`airace app`: the cockpit, a web page on which levers are moved and outcomes redrawn."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from importlib.util import find_spec
from typing import Annotated

import typer

from sim.cli.exits import UsageError
from sim.cli.terminal import Terminal

NEEDED = ("solara", "uvicorn", "starlette")

Host = Annotated[
    str,
    typer.Option(metavar="ADDRESS", help="Address to answer on. The default is reached from this machine alone."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Port to answer on; 0 takes any free one.")]
MesaPage = Annotated[bool, typer.Option("--mesa", help="Mesa's own page of the model instead, month by month.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")]


def app(
    terminal: Terminal, host: Host = "127.0.0.1", port: Port = 8765, mesa: MesaPage = False,
    no_browser: NoBrowser = False,
) -> None:
    """Open the cockpit in a browser: move levers, and see what changes. Ctrl-C ends it."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"the cockpit needs {missing[0]}, which is not installed; get it with: "
                         "pip install \"airace[app]\"")
    from sim.app import serve

    with _listening(host, port) as listening:
        address = f"http://{_host_in_address(host)}:{listening.getsockname()[1]}/"

        def ready() -> None:
            terminal.say(f"airace app answers at {address}\nCtrl-C ends it")
            if not no_browser:
                _open_browser(address)

        with suppress(KeyboardInterrupt):  # the server has closed its pages by then; this is how it ends
            (serve.run_mesa if mesa else serve.run_cockpit)(listening, ready)
    terminal.say("\nended")


def _listening(host: str, port: int) -> socket.socket:
    from sim.app.serve import listen

    try:
        return listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} of {host} is taken, perhaps by another airace app; take another: "
                             f"airace app --port {port + 1 if port < 65535 else 0}") from None
        if error.errno == errno.EACCES:
            raise UsageError(f"port {port} is not for ordinary users; take another: airace app --port 8765") from None
        raise UsageError(f"{host} is no address of this machine ({error.strerror or error}); "
                         "airace app --host 127.0.0.1 answers this machine alone") from None


def _host_in_address(host: str) -> str:
    """The host as a browser on this machine reaches it."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _open_browser(address: str) -> None:
    """Open the page without waiting for the browser."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
