"""Serves a Solara page from this machine alone: nothing is fetched from a network, nothing is reported anywhere.

Solara's own page is taken as it is, but for what a screen reader and a phone need: a language, and no ban on zooming.
"""

from __future__ import annotations

import os
import re
import socket
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.routing import BaseRoute

GRACE_SECONDS = 1
"""Seconds that open pages have to close when the server ends."""
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_PROXY = "/_solara/cdn"


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to host and port; OSError if the port is taken or the host is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


def run_cockpit(listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve the cockpit until interrupted."""
    from sim.app.routes import routes, style

    try:
        serve("sim.app.cockpit", "airace cockpit", listening, ready, routes, style())
    finally:
        from sim.app.cockpit import engine

        engine.close()


def run_mesa(listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve Mesa's own page of the model until interrupted."""
    serve("sim.app.mesa_page", "airace: one run in Mesa", listening, ready)


def serve(module: str, title: str, listening: socket.socket, ready: Callable[[], None],
          routes: Callable[[], Sequence[BaseRoute]] = tuple, head: str = "") -> None:
    """Serve the Solara page in `module` on a bound socket until interrupted; `ready` is called once it answers.

    `routes` makes routes of the page's own, asked before Solara's; `head` is put into the page's head.
    """
    import uvicorn

    config = uvicorn.Config(application(module, title, ready, routes, head), log_level="error", access_log=False,
                            lifespan="on", timeout_graceful_shutdown=GRACE_SECONDS)
    uvicorn.Server(config).run(sockets=[listening])


def application(module: str, title: str, ready: Callable[[], None],
                routes: Callable[[], Sequence[BaseRoute]], head: str) -> Starlette:
    """The web application: the page's own routes, its assets from this machine, and Solara's."""
    os.environ["SOLARA_APP"] = module
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "false"
    from contextlib import asynccontextmanager

    from solara.server import settings, starlette
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Mount, Route

    # Solara warns of plain http and of how Mesa calls its hooks: nothing that a visitor of this machine can mend.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"solara\.")
    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.theme.title = title
    settings.theme.loader = "plain"
    settings.theme.show_banner = False
    settings.kernel.cull_timeout = "10m"

    async def page(request: Request) -> Response:
        answer = await starlette.root(request)
        body = accessible(bytes(answer.body).decode("utf-8"), head).encode("utf-8")
        kept = [(name, value) for name, value in answer.raw_headers if name != b"content-length"]
        whole = Response(body, status_code=answer.status_code)
        whole.raw_headers = [*kept, (b"content-length", str(len(body)).encode())]
        return whole

    @asynccontextmanager
    async def lifespan(app: Starlette) -> Any:
        async with starlette.lifespan(app):
            ready()
            yield

    assets = Mount(_PROXY, app=local_assets(assets_folder()))
    own = [*routes(), Route("/", endpoint=page), assets]
    return Starlette(routes=[*own, *starlette.routes], lifespan=lifespan, middleware=starlette.middleware)


def accessible(page: str, head: str = "") -> str:
    """Solara's page with a language, with zooming allowed, and with `head` at the end of its head."""
    page = page.replace("<html>", '<html lang="en">', 1)
    page = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', page, count=1)
    return page.replace("</head>", f"{head}</head>", 1)


def assets_folder() -> Path:
    """Where the package solara-assets put scripts and fonts; PackageNotFoundError if it is not installed."""
    package = distribution("solara-assets")
    marks = [file for file in package.files or () if file.match("cdn/requirejs@*/require.js")]
    if not marks:
        raise PackageNotFoundError("solara-assets")
    return Path(str(marks[0].locate())).resolve().parents[1]


def local_assets(folder: Path) -> Any:
    """Scripts and fonts from the package solara-assets, never from a network.

    That package is released less often than Solara: where the version that Solara names is not there, the version
    that is there is served.
    """
    from starlette.staticfiles import StaticFiles

    class Assets(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            return super().lookup_path(installed_version(folder, path))

    return Assets(directory=folder, check_dir=False)


def installed_version(folder: Path, path: str) -> str:
    """The path with the version of its package that lies in `folder`, if the one asked for does not."""
    found = re.fullmatch(r"((?:@[^/]+/)?[^/@]+)@[^/]+/(.*)", path)
    if found is None or (folder / path).exists():
        return path
    package, rest = found.groups()
    versions = sorted(folder.glob(f"{package}@*"))
    return f"{versions[-1].relative_to(folder).as_posix()}/{rest}" if versions else path
