"""Work is shared, taken back when nobody waits, and shown to those alone who still want it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from serving import PATIENCE

from sim.app import desk as desks
from sim.app.desk import RUNS, Desk, Screen
from sim.app.engine import Engine, Runs
from sim.app.view import View
from sim.model.outcomes import INDEX, NAMES
from sim.scenario.scenario import Scenario

STRICT = View().move("regulation.strictness", "0.8")
LEVEL = INDEX["small_labs"]


class Worker:
    """Counts what it is asked to do, and can be held up."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.gate = threading.Event()
        self.gate.set()

    def work(self, what: Any) -> str:
        """What a piece of work does."""
        self.begun.append(what)
        self.gate.wait(10.0)
        if what == "fails":
            raise ValueError("no such number")
        return f"done {getattr(what, 'title', what)}"


@pytest.fixture
def engine() -> Engine:
    """An engine with one thread in place of processes."""
    return Engine(pool=lambda: ThreadPoolExecutor(1))


def test_two_who_ask_for_the_same_share_the_work(engine: Engine) -> None:
    worker = Worker()
    one, two = engine.ask(worker.work, 1), engine.ask(worker.work, 1)
    assert one.future is two.future
    assert two.future.result(5.0) == "done 1"
    assert worker.begun == [1]


def test_a_scenario_is_known_by_what_it_does_and_not_by_its_title(engine: Engine) -> None:
    worker, scenario = Worker(), View().scenario
    engine.ask(worker.work, scenario).future.result(5.0)
    engine.ask(worker.work, scenario.with_({}, title="Another title")).future.result(5.0)
    engine.ask(worker.work, STRICT.scenario).future.result(5.0)
    assert [scenario.title for scenario in worker.begun] == ["Your scenario"] * 2


def test_work_that_nobody_waits_for_any_more_is_taken_back_before_it_begins(engine: Engine) -> None:
    worker = Worker()
    worker.gate.clear()
    under_way, waiting, wanted = (engine.ask(worker.work, each) for each in (1, 2, 3))
    shared = engine.ask(worker.work, 3)
    waiting.leave()
    wanted.leave()
    worker.gate.set()
    assert shared.future.result(5.0) == "done 3"
    assert under_way.future.result(5.0) == "done 1"
    assert worker.begun == [1, 3]


def test_work_that_failed_is_tried_again_when_asked_for_again(engine: Engine) -> None:
    worker = Worker()
    for _ in range(2):
        with pytest.raises(ValueError, match="no such number"):
            engine.ask(worker.work, "fails").future.result(5.0)
    assert worker.begun == ["fails", "fails"]


# ---- desks -----------------------------------------------------------------------------------------------------


def made_up(scenario: Scenario, seed: int, first_run: int, runs: int) -> Runs:
    """Outcomes that tell the scenario: small labs are a hundred times its strictness."""
    luck = np.random.default_rng([seed, first_run]).normal(0.0, 0.1, (runs, 1, 1))
    values = np.full((runs, scenario.months, len(NAMES)), 0.5) + luck
    values[..., LEVEL] += 100.0 * float(scenario.levers["regulation.strictness"])
    return Runs(values)


def made_up_rows(scenarios: tuple[Scenario, ...], seed: int, runs: int) -> np.ndarray:
    return np.stack([made_up(scenario, seed, 0, runs).values[:, -1] for scenario in scenarios])


def made_up_run(scenarios: tuple[Scenario, ...], seed: int, run: int) -> dict[str, Any]:
    return {"run": run, "lead": f"{scenarios[-1].levers['regulation.strictness']:g} with seed {seed}"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers made up in no time in place of simulations."""
    monkeypatch.setattr(desks, "ensemble", made_up)
    monkeypatch.setattr(desks, "summaries", made_up_rows)
    monkeypatch.setattr(desks, "one_run", made_up_run)


def filled(engine: Engine, view: View, shown: list[Screen]) -> Desk:
    """A desk whose screen is complete."""
    desk = Desk(engine, view, shown.append)
    desk.look(view)
    wait_until(lambda: bool(desk.screen.map) and not desk.screen.map["waiting"])
    return desk


def wait_until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.01)


def last_row(screen: Screen, outcome: str) -> list[str]:
    return next(panel for panel in screen.panels if panel["name"] == outcome)["table"]["rows"][-1]


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_quick_picture_comes_first_then_all_runs_then_story_and_map(engine: Engine) -> None:
    shown: list[Screen] = []
    screen = filled(engine, STRICT, shown).screen
    assert list(dict.fromkeys(each.runs for each in shown)) == [desks.QUICK, RUNS]
    assert [cell.split("\n")[0] for cell in last_row(screen, "small_labs")[1:]] == ["29.5", "80.5"]
    assert screen.sentences[0] == "Under “Your scenario”, against “Baseline”:"
    assert any("small labs in business 51.0 more than 29.5" in sentence.lower() for sentence in screen.sentences)
    assert all(not each.values for each in shown if each.runs < RUNS)
    assert screen.story["lead"] == "0.8 with seed 0"
    assert screen.map["title"] == "Severe incidents, number"
    assert screen.whole


@pytest.mark.usefixtures("quick")
def test_with_no_lever_moved_the_baseline_stands_alone_and_the_page_says_so(engine: Engine) -> None:
    screen = filled(engine, View(), []).screen
    assert "Nothing is changed yet" in screen.sentences[0]
    assert len(last_row(screen, "small_labs")) == 2


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_two_visitors_do_not_disturb_each_other(engine: Engine) -> None:
    ours: list[Screen] = []
    theirs: list[Screen] = []
    desk = filled(engine, STRICT, ours)
    before = desk.screen
    other = filled(engine, View(seed=3).move("regulation.strictness", "0.1"), theirs)
    assert desk.screen is before
    assert {screen.view.seed for screen in ours} == {0}
    assert last_row(other.screen, "small_labs")[2].startswith("10.5")
    assert other.screen.story["lead"] == "0.1 with seed 3"


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_only_the_latest_view_is_shown_however_fast_a_slider_moves(engine: Engine) -> None:
    shown: list[Screen] = []
    desk = Desk(engine, View(), shown.append)
    for hundredth in range(40, 80):
        desk.look(View().move("regulation.strictness", hundredth / 100.0))
    wait_until(lambda: bool(desk.screen.map) and not desk.screen.map["waiting"])
    assert last_row(desk.screen, "small_labs")[2].startswith("79.5")
    views = [screen.view.levers.get("regulation.strictness") for screen in shown if screen.runs]
    assert views == sorted(views)
    assert shown[-1] is desk.screen


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_after_a_visitor_leaves_nothing_is_shown_any_more(engine: Engine) -> None:
    shown: list[Screen] = []
    desk = filled(engine, STRICT, shown)
    desk.look(View())
    desk.close()
    count = len(shown)
    time.sleep(0.3)
    assert len(shown) <= count + 1


def test_what_went_wrong_is_told_on_the_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Runs:
        raise MemoryError("out of memory")

    monkeypatch.setattr(desks, "ensemble", broken)
    desk = Desk(engine, STRICT, lambda _: None)
    desk.look(STRICT)
    wait_until(lambda: bool(desk.screen.trouble))
    assert "MemoryError: out of memory" in desk.screen.trouble
    assert "try again" in desk.screen.trouble
