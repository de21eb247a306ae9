"""Who may ask a server of games: its own page alone, at a pace that a person has, with requests that are small.

What a request may do is decided by the secret that it carries, which no other page has: there is no cookie that a
browser would send along. What is left to guard against are a foreign name made to point here, pages of other servers,
guessing, and floods.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING

from sim.app.guard import with_headers
from sim.app.place import Place

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
"""Said with every answer: the page loads its own script and style, and nothing inline or from elsewhere."""
MOST_BYTES = 8192
"""Bytes of a request's body: two decisions are a few hundred."""


class Door:
    """Hands to `app` what comes from its own page, and puts headers for the browser on every answer."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app, self._place = app, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has them."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from starlette.requests import HTTPConnection
        from starlette.responses import JSONResponse

        sentence = refusal(self._place, HTTPConnection(scope).headers, to_page=scope["path"] == "/")
        app = JSONResponse({"error": sentence}, 403) if sentence else self._app
        await app(scope, receive, with_headers(send, HEADERS))


def refusal(place: Place, headers: Mapping[str, str], *, to_page: bool) -> str:
    """Why a request is refused as another page's, in a sentence; "" if it is this server's own.

    `to_page` tells that the browser goes to the page itself, which a link anywhere may ask for.
    """
    host = headers.get("host", "")
    if not (place.is_called(host) or (place.reached_by_others and _is_this_machine(host))):
        return f"airace play does not answer to the name {host[:80]!r}: open {place.address}"
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if origin is not None and not place.is_origin(origin, host):
        return f"airace play does not answer the page of another server, {origin[:80]!r}."
    if site not in ("same-origin", "none") and not to_page:
        return f"airace play does not answer the page of another server: open {place.address} itself."
    return ""


def _is_this_machine(host: str) -> bool:
    """Whether a Host header is an address, which nobody can point elsewhere, or the name of this machine."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        here = socket.gethostname().lower()
        return name.lower() in {here, f"{here}.local"}
    return True


class Pace:
    """How often something may be done: `most` times in `seconds`, by each key."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._when: dict[str, deque[float]] = {}

    def allows(self, key: str) -> bool:
        """Whether it may be done once more now; it is counted then."""
        now = time.monotonic()
        if len(self._when) > 10_000:  # who asks from ever new addresses is forgotten all at once
            self._when.clear()
        times = self._when.setdefault(key, deque())
        while times and now - times[0] > self._seconds:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        return True
