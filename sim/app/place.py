"""Where a cockpit answers, and to whom: to this machine alone, or to others, who then need a token."""

from __future__ import annotations

import os
import re
import secrets
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

TOKEN = "token"
"""The name of the token in the printed link."""
_TOKEN_BYTES = 24
_HOST_HEADER = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\[\]@:/?#\s]+)(:\d+)?")


@dataclass(frozen=True)
class Place:
    """Where the server answers: host and port bound, and `behind`, the address at which a proxy shows it.

    A place that other machines reach makes itself a token; whoever comes without it is refused.
    """

    host: str
    port: int
    behind: str = ""
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, host: str, port: int, behind: str = "") -> Place:
        """A place with a token if it needs one; ValueError if `behind` is no address."""
        place = cls(host, port, _checked(behind) if behind else "")
        return cls(host, port, behind, secrets.token_urlsafe(_TOKEN_BYTES)) if place.reached_by_others else place

    @property
    def reached_by_others(self) -> bool:
        """Whether another machine can reach it."""
        return not (is_loopback(self.host) and (not self.behind or is_loopback(_host(self.behind))))

    @property
    def root_path(self) -> str:
        """The path in front of every address that a browser asks for: "" or "/user/ana/proxy/8765"."""
        return urlsplit(self.behind).path.rstrip("/")

    @property
    def address(self) -> str:
        """The address as a browser writes it, without the token."""
        if self.behind:
            return f"{self.behind.rstrip('/')}/"
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}/"

    @property
    def link(self) -> str:
        """The address to open, with the token if there is one."""
        return self.link_to("")

    def link_to(self, path: str) -> str:
        """The address of one of its pages, as "saved/0", with the token if there is one."""
        return f"{self.address}{path}?{TOKEN}={self.token}" if self.token else f"{self.address}{path}"

    def is_called(self, host_header: str) -> bool:
        """Whether a request's Host header names this place, not a name that somebody else let point here.

        The port may be another: that of a tunnel.
        """
        found = _HOST_HEADER.fullmatch(host_header.lower())
        asked = found["host"].strip("[]") if found else ""
        return is_loopback(asked) or asked in {name.lower() for name in (self.host, _host(self.behind)) if name}

    def is_origin(self, origin: str, host_header: str) -> bool:
        """Whether an Origin header is that of this place's own page."""
        behind = urlsplit(self.behind)
        return origin.lower() in {f"http://{host_header}".lower(), f"https://{host_header}".lower(),
                                  f"{behind.scheme}://{behind.netloc}".lower()}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, reached by no other."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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


def _checked(behind: str) -> str:
    """The address, if a browser could have written it so; ValueError if not."""
    try:
        parts = urlsplit(behind)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or any(mark in behind for mark in "?#@ \\"):
        raise ValueError(f"{behind!r} is no address such as https://hub.example.org/user/ana/proxy/8765/")
    return behind


def _host(address: str) -> str:
    """The host of an address, small letters, without brackets and port; "" if there is none."""
    return urlsplit(address).hostname or ""
