"""The cockpit answers its own page, and whoever has the token where others can reach it; nobody and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sim.app.guard import HEADERS, Guard, foreign
from sim.app.place import Place

HERE = Place.of("127.0.0.1", 8765)
OPEN = Place.of("0.0.0.0", 8765)
HUB = Place.of("127.0.0.1", 8765, behind="https://hub.example.org/user/ana/proxy/8765/")
PAGE = {"sec_fetch_site": "none", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}


def answered(place: Place, path: str = "/", kind: str = "http", **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and the path that reached the app, of one request; 101 for a WebSocket let through."""
    sent: list[dict[str, Any]] = []
    reached: list[str] = []

    async def app(scope: Any, _: Any, send: Any) -> None:
        reached.append(scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOWALL")]})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    given = {"host": "127.0.0.1:8765"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {"type": kind, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
             "scheme": "http", "headers": [(name.encode(), value.encode()) for name, value in given.items()],
             "server": ("127.0.0.1", 8765)}
    asyncio.run(Guard(app, place)(scope, None, send))  # type: ignore[arg-type]
    first = sent[0]
    if kind == "websocket":
        return (101 if first["type"] == "websocket.accept" else 403), {}, "".join(reached)
    return first["status"], {name.decode(): value.decode() for name, value in first["headers"]}, "".join(reached)


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "localhost:9000", "LOCALHOST"])
def test_this_machine_is_answered_by_each_of_its_names_and_through_a_tunnel(host: str) -> None:
    assert answered(HERE, host=host)[0] == 200
    assert answered(HERE, host=host, origin=f"http://{host}", sec_fetch_site="same-origin")[0] == 200


@pytest.mark.parametrize("host", ["evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example", "", "[",
                                  "192.0.2.7:8765", "evil.example@127.0.0.1", "127.0.0.1@evil.example"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_name_made_to_point_here_is_refused(host: str, kind: str) -> None:
    """DNS rebinding: the browser believes that it speaks with evil.example, and would let its page read everything."""
    assert answered(HERE, "/download/runs.csv", kind, host=host)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://evil.example:8765",
                                    "http://127.0.0.1:8765.evil.example", ""])
@pytest.mark.parametrize(("kind", "path"), [
    ("http", "/"), ("http", "/download/report.html"), ("http", "/static/main.js"), ("http", "/_solara/cdn/a.js"),
    ("websocket", "/jupyter/api/kernels/1/channels"),
])
def test_another_page_is_refused_whatever_it_asks_for(origin: str, kind: str, path: str) -> None:
    assert answered(HERE, path, kind, origin=origin)[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_part_asked_for_by_another_page_is_refused_but_a_link_to_the_page_opens_it(site: str) -> None:
    assert answered(HERE, "/download/report.html", sec_fetch_site=site, sec_fetch_mode="no-cors")[0] == 403
    assert answered(HERE, "/download/report.html", **PAGE | {"sec_fetch_site": site})[0] == 403
    assert answered(HERE, "/", **PAGE | {"sec_fetch_site": site, "sec_fetch_dest": "iframe"})[0] == 403
    assert answered(HERE, "/?run=3", **PAGE | {"sec_fetch_site": site})[0] == 200


def test_every_answer_says_what_the_page_may_load_and_that_nobody_may_frame_or_read_it() -> None:
    for status, headers, _ in (answered(HERE), answered(HERE, host="evil.example")):
        assert {name: headers[name] for name in HEADERS} == dict(HEADERS), status
    assert "frame-ancestors 'none'" in HEADERS["content-security-policy"]


def test_only_a_place_that_others_reach_asks_for_a_token_and_each_start_has_its_own() -> None:
    local = (HERE, Place.of("::1", 1), Place.of("localhost", 1), Place.of("127.0.0.1", 1, "http://localhost:8899/a/"))
    assert {place.token for place in local} == {""}
    tokens = {place.token for place in (OPEN, HUB, Place.of("0.0.0.0", 8765), Place.of("192.0.2.7", 8765))}
    assert len(tokens) == 4
    assert min(map(len, tokens)) >= 32
    assert OPEN.token not in repr(OPEN)


def test_the_printed_link_opens_the_page_and_its_cookie_all_the_rest() -> None:
    assert OPEN.link == f"http://127.0.0.1:8765/?token={OPEN.token}"
    status, headers, _ = answered(OPEN, f"/?token={OPEN.token}&regulation.strictness=0.8", **PAGE)
    assert (status, headers["location"]) == (303, "/?regulation.strictness=0.8")
    assert headers["set-cookie"].startswith(f"airace-8765={OPEN.token}; HttpOnly; Path=/; SameSite=lax")
    cookie = headers["set-cookie"].split(";")[0]
    for path, kind in (("/", "http"), ("/download/runs.csv", "http"), ("/jupyter/x", "websocket")):
        assert answered(OPEN, path, kind, cookie=cookie, host="server.example:8765")[0] in (200, 101)


@pytest.mark.parametrize("cookie", ["", "airace-8765=", "airace-8765=wrong", "airace-8766=TOKEN", "airace-8765=TOKENx",
                                    "token=TOKEN", "airace-8765=\u00e9"])
@pytest.mark.parametrize(("path", "kind"), [("/", "http"), ("/?token=wrong", "http"), ("/download/runs.csv", "http"),
                                            ("/static/main.js", "http"), ("/jupyter/x", "websocket")])
def test_without_the_right_token_nothing_is_answered(cookie: str, path: str, kind: str) -> None:
    assert answered(OPEN, path, kind, cookie=cookie.replace("TOKEN", OPEN.token))[0] == 403


def test_the_token_opens_the_page_alone_not_a_part_of_another_page() -> None:
    assert answered(OPEN, f"/download/runs.csv?token={OPEN.token}")[0] == 403
    assert answered(OPEN, f"/?token={OPEN.token}", origin="http://evil.example")[0] == 403
    assert answered(OPEN, f"/?token={OPEN.token}", sec_fetch_site="cross-site", sec_fetch_mode="no-cors")[0] == 403


def test_behind_a_proxy_its_address_counts_and_its_path_may_be_left_in_front() -> None:
    entry = answered(HUB, f"/?token={HUB.token}", host="hub.example.org")
    assert (entry[0], entry[1]["location"]) == (303, "/user/ana/proxy/8765/")
    assert "Path=/user/ana/proxy/8765;" in entry[1]["set-cookie"]
    mine = {"cookie": entry[1]["set-cookie"].split(";")[0], "origin": "https://hub.example.org"}
    for host in ("hub.example.org", "127.0.0.1:8765"):  # as JupyterHub hands it on, and as nginx does
        assert answered(HUB, "/download/runs.csv", host=host, **mine)[0] == 200
        assert answered(HUB, "/user/ana/proxy/8765/jupyter/x", "websocket", host=host, **mine)[2] == "/jupyter/x"
    assert answered(HUB, "/", host="hub.example.org", **mine | {"origin": "https://evil.example"})[0] == 403
    assert HUB.link == f"https://hub.example.org/user/ana/proxy/8765/?token={HUB.token}"


@pytest.mark.parametrize("address", ["hub.example.org", "ftp://hub.example.org/", "https://", "https://a/?b=1", "/a/",
                                     "https://a:b@c/", "http://[/"])
def test_what_is_no_address_of_a_proxy_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no address such as"):
        Place.of("127.0.0.1", 8765, behind=address)


def test_a_refusal_says_what_to_do() -> None:
    said = foreign(HERE, {"host": "hub.example.org"}, to_page=True)
    assert "'hub.example.org'" in said
    assert "open http://127.0.0.1:8765/" in said
    assert "--behind" in said
