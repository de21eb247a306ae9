"""Downloads that need simulations are few at once, end with their visitor, and leave the page alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("starlette")

from sim.app import downloads
from sim.app.downloads import AT_ONCE, FILES, Downloads, File
from sim.app.engine import Engine


class Visit:
    """A request for a file, whose visitor can leave."""

    def __init__(self, name: str = "slow", query: str = "") -> None:
        self.path_params, self.url = {"name": name}, SimpleNamespace(query=query)
        self.left = False

    async def is_disconnected(self) -> bool:
        return self.left


class Workshop:
    """Work that stands still until the gate is opened."""

    def __init__(self) -> None:
        self.gate, self.begun = threading.Event(), list[str]()

    def work(self, name: str) -> bytes:
        self.begun.append(name)
        self.gate.wait(20.0)
        return name.encode()


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    workshop = Workshop()
    monkeypatch.setitem(FILES, "slow", File("text/plain", lambda _, made: bytes(made[0]),
                                            lambda view: [(workshop.work, (view.query() or "first",))]))
    monkeypatch.setattr(downloads, "_GLANCE", 0.01)
    yield workshop
    workshop.gate.set()


def desk(workers: int = 1) -> Downloads:
    return Downloads(Engine(pool=lambda: ThreadPoolExecutor(workers)))


async def begun(workshop: Workshop, count: int) -> None:
    while len(workshop.begun) < count:
        await asyncio.sleep(0.01)


def test_more_than_two_at_once_are_refused_in_a_sentence_and_light_ones_never(shop: Workshop) -> None:
    async def visits() -> Any:
        counter = desk()
        waiting = [asyncio.create_task(counter.answer(Visit(query=f"run={k}"))) for k in range(1, AT_ONCE + 1)]
        await begun(shop, 1)
        busy, light = await counter.answer(Visit(query="run=9")), await counter.answer(Visit("scenario.toml"))
        shop.gate.set()
        return [busy, light, *await asyncio.gather(*waiting), await counter.answer(Visit(query="run=9"))]

    answers = asyncio.run(visits())
    assert [answer.status_code for answer in answers] == [503, 200, *[200] * AT_ONCE, 200]
    assert b"try again in a moment" in answers[0].body
    assert [answer.body for answer in answers[2:]] == [b"run=1", b"run=2", b"run=9"]


def test_a_visitor_who_leaves_takes_back_what_has_not_begun_and_what_has_holds_its_place(shop: Workshop) -> None:
    async def visits() -> list[int]:
        counter = desk()
        visitors = [Visit(query=f"run={k}") for k in range(1, AT_ONCE + 1)]
        waiting = [asyncio.create_task(counter.answer(visitor)) for visitor in visitors]
        await begun(shop, 1)
        for visitor in visitors:
            visitor.left = True
        left = [answer.status_code for answer in await asyncio.gather(*waiting)]
        # one worker: the first is at work still, the second was taken back, so there is one place
        more = asyncio.create_task(counter.answer(Visit(query="run=7")))
        await asyncio.sleep(0.05)
        busy = await counter.answer(Visit(query="run=8"))
        shop.gate.set()
        return [*left, busy.status_code, (await more).status_code]

    assert asyncio.run(visits()) == [503] * AT_ONCE + [503, 200]
    assert shop.begun == ["run=1", "run=7"]


def test_downloads_under_way_end_with_the_server_and_later_ones_are_refused(shop: Workshop) -> None:
    async def visits() -> list[int]:
        engine = Engine(pool=lambda: ThreadPoolExecutor(1))
        counter = Downloads(engine)
        waiting = [asyncio.create_task(counter.answer(Visit(query=f"run={k}"))) for k in (1, 2)]
        await begun(shop, 1)
        engine.close()
        second = await waiting[1]
        shop.gate.set()
        return [(await waiting[0]).status_code, second.status_code, (await counter.answer(Visit())).status_code]

    assert asyncio.run(visits()) == [200, 503, 503]


@pytest.mark.parametrize(("name", "query", "status", "said"), [
    ("nothing.txt", "", 404, b"there are: scenario.toml"),
    ("scenario.toml", "regulation.strictness=7", 400, b"a number from 0 to 1"),
    ("report.html", "", 400, b"move a lever, or add a policy"),
])
def test_what_cannot_be_downloaded_is_refused_in_a_sentence(name: str, query: str, status: int, said: bytes) -> None:
    answer = asyncio.run(desk().answer(Visit(name, query)))  # type: ignore[arg-type]
    assert (answer.status_code, said in bytes(answer.body)) == (status, True)
