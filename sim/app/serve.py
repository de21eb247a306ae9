"""Serves a Solara page from this machine alone: nothing is fetched from a network, nothing is reported anywhere.

Of Solara's server only what the page asks for is served, behind the guard; its page is taken as it is, but for what a
screen reader and a phone need, and for a word where the page is cut off from its server.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import logging
import math
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from typing import TYPE_CHECKING

from sim.app.assets import assets_folder, check_assets, local_assets
from sim.app.guard import Guard
from sim.app.place import Place
from sim.common.text import printable

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.websockets import WebSocket

    from sim.app.saved.folders import Saved

GRACE_SECONDS = 1
"""Seconds that open pages have to close when the server ends."""
MOST_BYTES_SAID = 2**20
"""Bytes of a message from a page; a lever moved is a few hundred."""
FORGOTTEN_AFTER = "2m"
"""How long the server waits for a page whose connection is gone; reloading it opens the same view."""
_M_ARENA_MAX = -8  # of malloc.h
_PING_SECONDS = 10.0
"""Seconds between questions whether a page is still there, and to answer one."""
_SOLARA_SERVES = ("/static/assets", "/static", "/jupyter/nbextensions")
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_BODY = re.compile(r"<body[^>]*>")
log = logging.getLogger(__name__)


def run_cockpit(listening: socket.socket, place: Place, ready: Callable[[], None],
                studies: Sequence[Saved] = ()) -> None:
    """Serve the cockpit, with the pages of saved studies, until interrupted."""
    _folders_of_its_own()
    from sim.app.cockpit import engine
    from sim.app.desk import prepare
    from sim.app.first import first_picture
    from sim.app.routes import head, routes
    from sim.app.saved import pages
    from sim.app.view import View

    def answers() -> None:
        ready()
        prepare(engine, View(), math.inf)  # the page without a link is there as soon as somebody asks for it

    serve("sim.app.cockpit", "airace cockpit", listening, place, answers, engine.close,
          (*pages.routes(studies), *routes()), head(),
          lambda query: f"{pages.links(studies)}{first_picture(engine, query)}")


def run_mesa(listening: socket.socket, place: Place, ready: Callable[[], None]) -> None:
    """Serve Mesa's own page of the model until interrupted."""
    _folders_of_its_own()
    serve("sim.app.mesa_page", "airace: one run in Mesa", listening, place, ready)


def serve(module: str, title: str, listening: socket.socket, place: Place, ready: Callable[[], None],
          closing: Callable[[], None] = lambda: None, routes: Sequence[BaseRoute] = (), head: str = "",
          first: Callable[[str], str] = lambda _: "") -> None:
    """Serve the Solara page in `module` on a bound socket until interrupted; MissingAssetsError if it would stay empty.

    `ready` is called once it answers, `closing` as soon as it ends; `routes` are the page's own, asked before
    Solara's; `head` is put into the page's head, and what `first` makes of a link at the beginning of its body.
    """
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            closing()  # first: downloads wait for what it ends
            await super().shutdown(sockets)

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            with super().capture_signals(), _hang_up(self.handle_exit):
                yield

    logging.basicConfig(handlers=[_Sentences()], level=logging.ERROR, force=True)
    app = application(module, title, place, routes, head, first)
    _few_arenas()
    config = uvicorn.Config(Guard(app, place), log_config=None, access_log=False, server_header=False, lifespan="on",
                            timeout_graceful_shutdown=GRACE_SECONDS, ws_max_size=MOST_BYTES_SAID,
                            ws_ping_interval=_PING_SECONDS, ws_ping_timeout=_PING_SECONDS)
    try:
        Server(config).run(sockets=[listening])
    finally:
        closing()


def application(module: str, title: str, place: Place, routes: Sequence[BaseRoute], head: str,
                first: Callable[[str], str] = lambda _: "") -> Starlette:
    """The web application: the page's own routes, its assets from this machine, and what it needs of Solara's."""
    _settle(module, title, place)
    from solara.server import starlette
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route, WebSocketRoute

    check_assets()

    async def page(request: Request) -> Response:
        from starlette.responses import HTMLResponse

        answer = await starlette.root(request)
        picture = await asyncio.to_thread(first, request.url.query)
        body = accessible(bytes(answer.body).decode("utf-8"), f"{head}{_connection()}", picture)
        whole = HTMLResponse(body, answer.status_code, {"cache-control": "no-store"})
        whole.raw_headers += [(name, value) for name, value in answer.raw_headers if name == b"set-cookie"]
        return whole

    served = [route for route in starlette.routes if isinstance(route, Mount) and route.path in _SOLARA_SERVES]
    return Starlette(lifespan=starlette.lifespan, middleware=starlette.middleware, routes=[
        *routes,
        Route("/", endpoint=page),
        Mount("/_solara/cdn", app=local_assets(assets_folder())),
        Route("/_solara/api/close/{kernel_id}", endpoint=close, methods=["POST"]),
        WebSocketRoute("/jupyter/api/kernels/{kernel_id}/{name}", endpoint=connection),
        *served,
    ])


def _settle(module: str, title: str, place: Place) -> None:
    """Solara's settings: its page in production, nothing reported, nothing taken from a request's headers."""
    os.environ["SOLARA_APP"] = module
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "false"
    # Solara warns of plain http and of how Mesa calls its hooks: nothing that a visitor of this machine can mend.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"solara\.")
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.main.root_path = place.root_path
    settings.main.base_url = place.address
    settings.theme.title = title
    settings.theme.loader = "plain"
    settings.theme.show_banner = False
    settings.kernel.cull_timeout = FORGOTTEN_AFTER


def _few_arenas() -> None:
    """Keep memory flat: GNU's library gives each thread that draws a page memory of its own and takes none of it back.

    Without this, a hundred visits leave 1.2 GB behind instead of half of that, measured.
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


async def connection(websocket: WebSocket) -> None:
    """A page's connection to its part of the server; one that sends what makes no sense is cut off."""
    from solara.server import starlette

    if "session_id" not in websocket.query_params:
        await websocket.close(1008)
        return
    try:
        await starlette.kernel_connection(websocket)
    except Exception:
        log.exception("a page's connection")


def close(request: Request) -> Response:
    """A page says that it goes away; only its own browser can, by the cookie that came with the page."""
    from solara.server import kernel_context, server
    from starlette.responses import PlainTextResponse, Response

    from sim.app.guard import same

    context = kernel_context.contexts.get(request.path_params["kernel_id"])
    page = request.query_params.get("session_id", "")
    cookie = server.get_session_id_cookie(request.cookies) or ""
    if context is None or page not in context.page_status or not same(cookie, context.session_id):
        return PlainTextResponse("There is no such page.", 404)
    context.page_close(page)
    return Response(status_code=204)


def accessible(page: str, head: str = "", first: str = "") -> str:
    """Solara's page with a language, with zooming allowed, with `head` at the end of its head, `first` in its body."""
    page = page.replace("<html>", '<html lang="en">', 1)
    page = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', page, count=1)
    page = page.replace("</head>", f"{head}</head>", 1)
    return _BODY.sub(lambda found: f"{found[0]}{first}", page, count=1)


def _connection() -> str:
    """What says on the page that it is cut off, or never came together."""
    return resources.files("sim.app").joinpath("page/connection.html").read_text(encoding="utf-8")


class _Sentences(logging.Handler):
    """Says of an exception in a library's log what it was, in one line; other records are for its makers."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        error = record.exc_info[1] if record.exc_info else None
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if error is not None:
            print(printable("airace app did not understand a page or a request, and goes on "
                            f"({type(error).__name__}: {' '.join(str(error).split())[:200]})"), file=sys.stderr)


@contextmanager
def _hang_up(end: Callable[..., None]) -> Iterator[None]:
    """A closed terminal ends the server as Ctrl-C does, unless it was told to stay (nohup)."""
    before = signal.getsignal(signal.SIGHUP) if hasattr(signal, "SIGHUP") else signal.SIG_IGN
    if before is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGHUP, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _folders_of_its_own() -> None:
    """IPython and Solara, which the page rests on, make folders at home: here they get one that is thrown away."""
    folder = tempfile.mkdtemp(prefix="airace-app-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # before theirs is registered, so it comes after theirs
    for name in ("IPYTHONDIR", "SOLARA_HOME"):
        os.environ.setdefault(name, folder)
