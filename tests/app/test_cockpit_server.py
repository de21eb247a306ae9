"""The running cockpit, spoken to as pages and their abusers do: what it serves, what it bears, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from serving import served
from visitor import Visitor, ask
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

pytest.importorskip("solara")
pytestmark = pytest.mark.slow
EVIL = "http://evil.example"
HARMFUL = ("{", "[]", "null", '{"header": {}}', b"\x00\x01", b"\xff" * 99, "x" * (2**20 + 1), json.dumps(
    {"header": {"msg_type": "comm_open", "msg_id": "1"}, "channel": "shell", "metadata": {},
     "content": {"comm_id": "1", "target_name": "jupyter.widget", "data": {"state": {}}}}))


def children(pid: int) -> list[int]:
    """Processes that this one started, and theirs."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if parent == pid:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


def processor_seconds(pid: int) -> float:
    """Seconds of a core that a process and its children have used."""
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in (pid, *children(pid))]
    return sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


def gone(pids: list[int], within: float = 10.0) -> bool:
    """Whether all these processes end in time."""
    end = time.monotonic() + within
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def listen_to_the_end(socket: ClientConnection) -> None:
    """Hear what the server says until it closes the connection, or is silent."""
    with suppress(ConnectionClosed, TimeoutError):
        while True:
            socket.recv(timeout=2.0)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.mark.parametrize("path", ["/resourcez", "/resourcez?verbose", "/readyz", "/jupyter/api/kernels/1", "/page",
                                  "/static/public/x", "/static/../../../etc/passwd", "/_solara/api/evict/1"])
def test_nothing_is_served_but_the_page_and_its_parts(cockpit: str, path: str) -> None:
    assert ask(cockpit, path)[0] in (404, 405)


def test_a_page_is_closed_by_its_own_browser_alone(cockpit: str) -> None:
    visitor = Visitor(cockpit).open()
    visitor.sees(0)
    own = f"/_solara/api/close/{visitor.kernel}?session_id={visitor.page}"
    other = ask(cockpit)[1]["set-cookie"].split(";")[0]
    assert [ask(cockpit, own, "POST", cookie=cookie)[0] for cookie in ("", other)] == [404, 404]
    assert ask(cockpit, own, "POST", cookie=visitor.cookie, origin=EVIL)[0] == 403
    assert ask(cockpit, own.replace("session_id", "page"), "POST", cookie=visitor.cookie)[0] == 404
    assert ask(cockpit, own, "POST", cookie=visitor.cookie)[0] == 204
    visitor.leave(beacon=False)


@pytest.mark.parametrize("headers", [{"Origin": EVIL}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}])
def test_another_page_gets_no_connection(cockpit: str, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus, match="403"), Visitor(cockpit).connection(**headers):
        pass


def test_messages_that_make_no_sense_cut_off_their_page_alone_and_show_no_traceback() -> None:
    with served() as (address, process):
        visitor = Visitor(address).open()
        visitor.sees(0)
        for message in HARMFUL:
            with Visitor(address).connection() as socket:
                socket.send(message)
                listen_to_the_end(socket)
        visitor.sees(40)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30.0)[1]
    assert "Traceback" not in said
    assert "did not understand a page or a request, and goes on (JSONDecodeError" in said


@needs_proc
def test_a_visitor_who_vanishes_without_a_word_stops_computing_and_finds_it_done_when_back() -> None:
    with served() as (address, process):
        visitor = Visitor(address).open()
        visitor.sees(40)
        visitor.leave(beacon=False)
        time.sleep(4.0)  # what has begun goes on
        before = processor_seconds(process.pid)
        time.sleep(3.0)
        assert processor_seconds(process.pid) - before < 0.5
        assert ask(address, "/download/scenario.toml")[0] == 200


@needs_proc
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_at_once_with_work_under_way_and_leaves_no_process(sign: signal.Signals) -> None:
    with served() as (address, process):
        visitor = Visitor(address).open("regulation.strictness=0.8")
        visitor.sees(0)
        download = subprocess.Popen([sys.executable, "-c", "import sys, urllib.request as u; u.urlopen(sys.argv[1])",
                                     f"{address}download/report.html?regulation.strictness=0.9"],
                                    stderr=subprocess.DEVNULL)
        while len(children(process.pid)) < 2:
            time.sleep(0.05)
        time.sleep(1.0)
        started = children(process.pid)
        process.send_signal(sign)
        said = process.communicate(timeout=20.0)[1]
        assert "Traceback" not in said
        assert gone(started)
        download.wait(20.0)
