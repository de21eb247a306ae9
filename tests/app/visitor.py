"""A visitor without a browser: fetches the page and speaks with its server as the page's scripts do."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from serving import PATIENCE
from websockets.sync.client import connect

Answer = tuple[int, dict[str, str], str]


def ask(address: str, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    """Status, headers (names in small letters) and text of the answer to one request; `sec_fetch_site` is a header."""
    where = urlsplit(address)
    asking = http.client.HTTPConnection(where.hostname or "", where.port, timeout=PATIENCE)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        asking.request(method, path, headers=named)
        answer = asking.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        asking.close()


class Visitor:
    """One page: a connection once it is opened, until it is left."""

    def __init__(self, address: str) -> None:
        self.address, self.kernel, self.page = address, str(uuid4()), str(uuid4())
        self.cookie = ask(address)[1]["set-cookie"].split(";")[0]
        self._models: dict[str, str] = {}
        self._left = ExitStack()

    def open(self, query: str = "") -> Visitor:
        """Connect, and ask for the page of a link."""
        self.socket = self._left.enter_context(self.connection())
        control = str(uuid4())
        self.say("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
        self.tell(control, {"method": "run", "args": {"path": f"/{query and '?'}{query}", "themes": {}, "dark": False}})
        return self

    def connection(self, **headers: str) -> connect:
        """A connection, to be entered, to this page's part of the server; with the headers of its page, or others."""
        where = urlsplit(self.address)
        said = {"Cookie": self.cookie, "Origin": f"http://{where.netloc}"} | headers
        return connect(f"ws://{where.netloc}/jupyter/api/kernels/{self.kernel}/channels?session_id={self.page}",
                       origin=said.pop("Origin"), additional_headers=said, max_size=None)  # type: ignore[arg-type]

    def say(self, kind: str, content: Mapping[str, Any]) -> None:
        """Send a message of the page's protocol."""
        header = {"msg_id": str(uuid4()), "msg_type": kind, "session": self.page, "username": "", "version": "5.2"}
        self.socket.send(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content,
                                     "channel": "shell", "buffers": []}))

    def tell(self, comm: str, data: Mapping[str, Any]) -> None:
        """Send to one element of the page."""
        self.say("comm_msg", {"comm_id": comm, "data": data})

    def states(self) -> Iterator[dict[str, Any]]:
        """What elements of the page are told to show, as it comes."""
        end = time.monotonic() + PATIENCE
        while True:
            message = self.socket.recv(timeout=max(0.0, end - time.monotonic()))
            if isinstance(message, bytes):
                continue
            content = json.loads(message)["content"]
            state = (content.get("data") or {}).get("state") or {}
            for name in state:
                self._models.setdefault(name, content["comm_id"])
            yield state

    def sees(self, runs: int) -> None:
        """Wait until charts of so many runs are shown."""
        next(state for state in self.states() if state.get("screen", {}).get("runs") == runs)

    def move(self, path: str, value: str, number: int = 1) -> None:
        """Move a lever."""
        self.tell(self._models["now"], {"method": "custom", "content": {
            "event": "move", "data": {"path": path, "value": value, "number": number}}})

    def leave(self, beacon: bool = True) -> None:
        """Close the page, with or without the word that browsers send the server."""
        self._left.close()
        if beacon:
            ask(self.address, f"/_solara/api/close/{self.kernel}?session_id={self.page}", "POST",
                cookie=self.cookie, origin=self.address.rstrip("/"))
