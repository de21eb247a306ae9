"""Who may ask the cockpit: its own page, from this machine or with the token; no other page in the same browser.

A server on this machine is within reach of every page that the browser shows. So each request is looked at: a Host
header with a foreign name (one made to point here), an Origin or Sec-Fetch-Site of another page, a missing token.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from sim.app.place import TOKEN, Place

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    # The browser compiles the page's Vue templates, from blobs: hence inline, eval and blob.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
                               "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
                               "connect-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
                               "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
}
"""Said with every answer: what the page may load, and that no other page may hold or read it."""
STRICT: Mapping[str, str] = {**HEADERS, "content-security-policy": (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'")}
"""Said with pages that no library draws, of saved studies: no script or style but in files of this server."""
SAVED = "/saved/"
_PAGES = re.compile(r"/|/saved/[0-9]{0,3}")
"""What a link may open in a tab of its own: the cockpit, the list of saved studies, one of them."""
NO_TOKEN = ("This cockpit asks for a token: open the link that airace app printed when it was started. "
            "Each start has a new one.")


class Guard:
    """Hands to `app` what the place answers, and puts headers for the browser on every answer."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app, self._place = app, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket, as ASGI has them."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        from starlette.requests import HTTPConnection

        scope = _without_prefix(scope, self._place.root_path)
        answer = self._refusal(HTTPConnection(scope))
        if answer is None:
            await self._app(scope, receive, with_headers(send, STRICT if scope["path"].startswith(SAVED) else HEADERS))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, with_headers(send, HEADERS))

    def _refusal(self, asked: HTTPConnection) -> Response | None:
        """What is answered in the app's place; None lets the request through."""
        from starlette.responses import PlainTextResponse, RedirectResponse

        if sentence := foreign(self._place, asked.headers, to_page=_opens_page(asked)):
            return PlainTextResponse(sentence, 403)
        name = f"airace-{self._place.port}"
        if not self._place.token or same(asked.cookies.get(name, ""), self._place.token):
            return None
        query = parse_qsl(asked.url.query, keep_blank_values=True)
        if not (_opens_page(asked) and same(dict(query).get(TOKEN, ""), self._place.token)):
            return PlainTextResponse(NO_TOKEN, 403)
        rest = urlencode([(key, value) for key, value in query if key != TOKEN])
        entry = RedirectResponse(f"{self._place.root_path}{asked.scope['path']}{'?' if rest else ''}{rest}", 303)
        entry.set_cookie(name, self._place.token, path=self._place.root_path or "/", httponly=True, samesite="lax")
        return entry


def foreign(place: Place, headers: Mapping[str, str], *, to_page: bool) -> str:
    """Why a request is refused as another page's, in a sentence; "" if it is the cockpit's own.

    `to_page` tells that the browser goes to the cockpit itself, which a link anywhere may ask for.
    """
    host = headers.get("host", "")
    if not place.token and not place.is_called(host):
        return (f"airace app does not answer to the name {host[:80]!r}: open {place.address}, or start it with "
                "--behind and the address at which a proxy shows it.")
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if origin is not None and not place.is_origin(origin, host):
        return f"airace app does not answer the page of another server, {origin[:80]!r}."
    if site not in ("same-origin", "none") and not to_page:
        return f"airace app does not answer the page of another server: open {place.address} itself."
    return ""


def same(given: str, token: str) -> bool:
    """Whether a token is the right one, in a time that does not tell how much of it is."""
    return hmac.compare_digest(given.encode(), token.encode())


def _opens_page(asked: HTTPConnection) -> bool:
    """Whether the browser goes to the cockpit in a tab of its own, rather than for a part of another page."""
    return (asked.scope["type"] == "http" and asked.scope["method"] == "GET"
            and _PAGES.fullmatch(asked.scope["path"]) is not None
            and asked.headers.get("sec-fetch-mode", "navigate") == "navigate"
            and asked.headers.get("sec-fetch-dest", "document") == "document")


def _without_prefix(scope: Scope, prefix: str) -> Scope:
    """The scope as if asked for without a proxy's path, which some proxies leave in front."""
    if prefix and scope["path"].startswith(f"{prefix}/"):
        path = scope["path"].removeprefix(prefix)
        return {**scope, "path": path, "raw_path": path.encode()}
    return scope


def with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """What sends an answer, with these headers in the place of any of their names."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name.decode().lower() not in headers]
            said = [(name.encode(), value.encode()) for name, value in headers.items()]
            message = {**message, "headers": [*kept, *said]}
        await send(message)

    return sending
