"""Advice on made-up futures, in which the right answer is known by construction."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from made_up_futures import ask, live_by, noise

import sim
from sim.report.words.advise import by_quarter, claims, names, to_watch
from sim.studies.deciding import candidates as way
from sim.studies.deciding.advice import AdviseError
from sim.studies.deciding.advise import advise, resume
from sim.studies.deciding.criteria import KEEPS
from sim.studies.keeping.folders import StoreError

pytest.importorskip("pymoo")
FEW = {"candidates": 64, "futures": 24, "judged": 96}
AIMS = """
[[objective]]
outcome = "severe_incidents"
[[objective]]
outcome = "compliance_cost_usd_bn"
better = "lower"
"""
STRICT = "[regulation.us]\nstrictness = { from = 0.0, to = 1.0, step = 0.1 }\n"
CONTROLS = "[trade]\nchip_controls = { from = 0.0, to = 1.0 }\n"
TRIGGER = """
[[when]]
name = "after an incident"
off = [true, false]
outcome = "hostility"
above = { from = 0.1, to = 0.9, step = 0.1 }
"regulation.us.strictness" = { from = 0.2, to = 1.0, step = 0.2 }
"""


def strictness(scenario):
    return float(scenario.levers["regulation.us.strictness"])


def trade_off(scenario, runs):
    """Incidents fall with strictness as costs rise, so that no policy dominates."""
    strict = strictness(scenario)
    luck = noise(runs, 1)
    return {"severe_incidents": 5.0 - strict + luck, "compliance_cost_usd_bn": 2.0 + strict**2 + luck}, np.zeros(
        len(runs), bool)


def bad_futures(runs):
    """Every second draw is one in which strict rules are needed."""
    return runs // 2 % 2 == 0


def needed_at_times(scenario, runs):
    """Rules avert incidents in bad futures alone, and cost in all; hostility is 0.5 in these: a trigger can tell."""
    bad = bad_futures(runs)
    when = scenario.whens[0] if scenario.whens else None
    fires = bad & (when is not None and when.conditions[0].threshold < 0.5)
    strict = np.where(fires, float(when.levers["regulation.us.strictness"]) if when else 0.0, strictness(scenario))
    return {"severe_incidents": np.where(bad, 4.0 * (1.0 - strict), 0.0) + noise(runs, 1, 0.1),
            "compliance_cost_usd_bn": 10.0 * strict}, fires


def luck_alone(scenario, runs):
    """Each policy has luck of its own and nothing else: what a search finds best is chance."""
    own = int(1000 * strictness(scenario)) + 37 * int(100 * float(scenario.levers["trade.chip_controls"]))
    return {"severe_incidents": 5.0 + noise(runs, 100 + own), "compliance_cost_usd_bn": 5.0 + noise(runs, 5000 + own)
            }, np.zeros(len(runs), bool)


def test_no_policy_dominates_where_each_gives_something_up(tmp_path, monkeypatch):
    live_by(trade_off, monkeypatch)
    found = advise(ask(tmp_path, AIMS + STRICT), **FEW)
    folder = found.export(tmp_path / "files")
    assert (folder / "tables" / "01-policies-by-aim.csv").is_file()
    assert list(folder.glob("figures/*.svg")), "written as every study is"
    assert found.standing.dominant is None
    assert "No policy dominates" in " ".join(claims(found))
    assert 3 <= len(found.chosen) <= 5
    assert {policy.name for policy in found.policies[-2:]} == {"Today's policy", "Hands off"}


def test_a_trigger_that_is_best_by_construction_is_found_and_fires_where_it_should(tmp_path, monkeypatch):
    """Strict rules in bad futures alone avert as much at half the cost: only the trigger does that."""
    live_by(needed_at_times, monkeypatch)
    found = advise(ask(tmp_path, AIMS + STRICT + TRIGGER), candidates=256, futures=24, judged=96, seed=1)
    best = found.advised
    (trigger,) = best.tables["when"]
    assert trigger["above"] < 0.5
    assert best.tables["regulation"]["us"]["strictness"] == 0.0
    fired = np.isfinite(found.fired[found.standing.advised, :, 0])
    assert np.array_equal(fired, bad_futures(found.fresh.runs_of(0)))
    assert "fires in 50% of the futures" in " ".join(found._told().sections[3].notes)
    # All of these in the first month there is: what is to be watched has its quarter, and the rest are never.
    assert by_quarter(found, found.standing.advised, 0) == {"2026Q1": 0.5}
    assert any("most often in 2026 Q1 (50% of all futures)" in told for told in to_watch(found))


def test_what_luck_promised_is_told_as_shrinkage_and_never_as_gain(tmp_path, monkeypatch):
    """Among policies that differ by luck alone the search finds a best; on fresh futures nothing is left of it."""
    live_by(luck_alone, monkeypatch)
    found = advise(ask(tmp_path, AIMS + STRICT + CONTROLS), **FEW)
    front = len(found.policies) - 2
    assert found.gained[:front].max(axis=0).min() > 0.05  # promised, in both aims
    assert not found.standing.moved.any()
    assert found.advised.name == "Today's policy"
    assert "no policy is told from today's" in claims(found)[0]


def test_the_futures_that_judge_are_none_of_those_that_were_searched(tmp_path, monkeypatch):
    done = live_by(trade_off, monkeypatch)
    found = advise(ask(tmp_path, AIMS + STRICT), **FEW)
    judged = {run for task in done if task.events for run in range(task.first_run, task.first_run + task.runs)}
    searched = {run for task in done if not task.events for run in range(task.first_run, task.first_run + task.runs)}
    assert not judged & searched
    assert len(judged) == found.fresh.count == 96


def test_losers_of_the_race_live_in_a_part_of_the_futures_and_are_in_no_front(tmp_path, monkeypatch):
    """Strict rules cost and bring nothing here: all but the lightest lose in the first futures."""
    def only_costs(scenario, runs):
        strict, luck = strictness(scenario), noise(runs, 1)
        return {"severe_incidents": 5.0 + strict + luck, "compliance_cost_usd_bn": 2.0 + strict + luck}, np.zeros(
            len(runs), bool)

    live_by(only_costs, monkeypatch)
    taken = []
    remember = way.Study.remember
    monkeypatch.setattr(way.Study, "remember", lambda self, values: (taken.append(self), remember(self, values)))
    found = advise(ask(tmp_path, AIMS + STRICT), **FEW)
    assert taken[-1].lived < 0.6 * len(found.searched.points) * found.searched_futures
    assert [found.policies[0].tables["regulation"]["us"]["strictness"]] == [0.0]


def test_a_study_that_was_stopped_goes_on_to_the_same_bytes_whatever_the_workers(tmp_path, monkeypatch):
    """Stopped as by kill -9, after the second generation; the other one is done at once by two workers."""
    done = live_by(trade_off, monkeypatch)
    question = ask(tmp_path, AIMS + STRICT + CONTROLS)
    whole = advise(question, **FEW, workers=2, folder=tmp_path / "whole")
    take, asked = way.chunks.Steps.take, []

    def stop_after_three(self, name, *rest):
        if len(asked) == 3:
            raise RuntimeError("stopped")
        asked.append(name)
        return take(self, name, *rest)

    with monkeypatch.context() as stopped:
        stopped.setattr(way.chunks.Steps, "take", stop_after_three)
        with pytest.raises(RuntimeError):
            advise(question, **FEW, folder=tmp_path / "again")
    kept = sorted(path.name for path in (tmp_path / "again" / "steps").glob("*.npy"))
    assert kept == ["generation_000.npy", "generation_001.npy", "start.npy"]
    done.clear()
    gone_on = resume(tmp_path / "again")
    assert 0 < sum(task.runs * len(task.scenarios) for task in done if not task.events) <= 16 * 24  # the last of them
    assert files_of(tmp_path / "again") == files_of(tmp_path / "whole")
    assert claims(gone_on) == claims(whole)
    assert gone_on.table().equals(whole.table())


KILLED = """
import sys
from sim.studies.deciding.advise import advise
if __name__ == "__main__":
    advise(sys.argv[1], candidates=64, futures=24, judged=96, folder=sys.argv[2])
"""


@pytest.mark.slow
def test_a_search_that_is_killed_goes_on_to_the_same_bytes(tmp_path):
    """SIGKILL once the first generation is kept, with the model itself."""
    question = ask(tmp_path, AIMS + STRICT)
    advise(question, **FEW, folder=tmp_path / "whole")
    (tmp_path / "killed.py").write_text(KILLED)
    process = subprocess.Popen([sys.executable, "killed.py", str(question), "again"], cwd=tmp_path,
                               env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])})
    kept = tmp_path / "again" / "steps" / "generation_000.json"
    while process.poll() is None and not kept.exists():
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert files_of(tmp_path / "again") != files_of(tmp_path / "whole")
    resume(tmp_path / "again")
    assert files_of(tmp_path / "again") == files_of(tmp_path / "whole")


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file()}


def test_a_step_that_was_damaged_is_worked_out_again(tmp_path, monkeypatch):
    live_by(trade_off, monkeypatch)
    question = ask(tmp_path, AIMS + STRICT + CONTROLS)
    advise(question, **FEW, folder=tmp_path / "study")
    before = files_of(tmp_path / "study")
    (tmp_path / "study" / "steps" / "generation_001.npy").write_bytes(b"damaged")
    advise(question, **FEW, folder=tmp_path / "study")
    assert files_of(tmp_path / "study") == before


def test_a_folder_of_another_study_is_refused_with_what_differs(tmp_path, monkeypatch):
    live_by(trade_off, monkeypatch)
    advise(ask(tmp_path, AIMS + STRICT), **FEW, folder=tmp_path / "study")
    with pytest.raises(StoreError, match="differs in size"):
        advise(ask(tmp_path, AIMS + STRICT), candidates=65, futures=24, judged=96, folder=tmp_path / "study")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(StoreError, match="letter"):
        advise(ask(tmp_path, AIMS + STRICT), **FEW, folder=tmp_path / "other")
    manifest = tmp_path / "study" / "advise.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"asked": {}}))
    with pytest.raises(StoreError, match="changed after it was written"):
        resume(tmp_path / "study")


def test_limits_that_nobody_meets_in_any_future_end_the_search_with_the_nearest(tmp_path, monkeypatch):
    live_by(trade_off, monkeypatch)
    limit = '[[limit]]\noutcome = "severe_incidents"\nat_most = 1\nin_share = 0.5\n'
    with pytest.raises(AdviseError) as refused:
        advise(ask(tmp_path, AIMS + limit + STRICT), **FEW)
    told = str(refused.value)
    assert "no policy meets the limits in any future" in told
    assert "regulation.us.strictness 1" in told
    assert "severe_incidents 4" in told
    assert "at most 1 is asked" in told


def test_a_limit_that_binds_is_kept_by_what_is_advised(tmp_path, monkeypatch):
    """At most 4.5 incidents on average asks for a strictness of a half; costs would have none of it."""
    live_by(trade_off, monkeypatch)
    limit = '[[limit]]\noutcome = "severe_incidents"\nat_most = 4.5\n'
    found = advise(ask(tmp_path, AIMS + limit + STRICT), **FEW)
    assert found.advised.tables["regulation"]["us"]["strictness"] >= 0.5
    assert not found.standing.able[found.today]
    assert "Today's policy breaks the limits" in claims(found)[0]
    relative = limit.replace("4.5", "-0.15") + "than_today = true\n"
    found = advise(ask(tmp_path, AIMS + relative + STRICT), **FEW)
    assert found.advised.tables["regulation"]["us"]["strictness"] >= 0.25  # today's is 0.1
    assert set(found.standing.criteria[KEEPS]) == {0.0, 1.0}


def test_a_belief_that_turns_the_advice_is_found(tmp_path, monkeypatch):
    """Rules avert incidents under one theory of the powers, and make them under the other."""
    from sim.engine.uncertainty import theories_met

    def by_theory(scenario, runs):
        payoffs = theories_met("structure.powers", [scenario], 0, runs)[0] == 0
        strict, luck = strictness(scenario), noise(runs, 1)
        return {"severe_incidents": 5.0 + np.where(payoffs, -4.0, 1.0) * strict + luck,
                "compliance_cost_usd_bn": 5.0 + np.where(payoffs, -4.0, 1.0) * strict + luck}, np.zeros(len(runs), bool)

    live_by(by_theory, monkeypatch)
    text = '[beliefs]\nuncertainty = "luck"\ntheories = "any"\n' + AIMS + STRICT
    found = advise(ask(tmp_path, text), candidates=64, futures=24, judged=192)
    assert found.advised.tables["regulation"]["us"]["strictness"] == 1.0
    assert found.turns[0].name == "structure.powers = hazards"
    assert found.fails is not None
    assert {limit.axis for limit in found.fails.limits} == {"structure.powers = hazards"}
    assert found.fails.inside[0] == 1.0
    assert "theory of powers is hazards" in claims(found)[0]


def test_no_box_is_told_where_failing_is_luck(tmp_path, monkeypatch):
    """Half of the draws fail by chance alone: among 300 parameters a box is found in one half, not in the other."""
    def by_luck(scenario, runs):
        gain = noise(runs // 2, 3, 4.0) + 0.6
        strict = strictness(scenario)
        return {"severe_incidents": 5.0 - gain * strict, "compliance_cost_usd_bn": 5.0 - gain * strict}, np.zeros(
            len(runs), bool)

    live_by(by_luck, monkeypatch)
    found = advise(ask(tmp_path, AIMS + STRICT), candidates=64, futures=64, judged=256)
    assert found.standing.moved.any()
    assert found.fails is None


def test_the_policies_are_scenarios_that_can_be_loaded_and_compared(tmp_path, monkeypatch):
    live_by(needed_at_times, monkeypatch)
    found = advise(ask(tmp_path, AIMS + STRICT + TRIGGER), **FEW)
    for place, name in names(found).items():
        scenario = found.question.scenario(found.policies[place], name)
        path = tmp_path / f"{place}.toml"
        path.write_text(scenario.to_toml())
        assert sim.Scenario.load(path) == scenario


@pytest.mark.parametrize(("size", "told"), [
    ({"candidates": 10}, "32 are the least"), ({"futures": 8}, "16 are the least"), ({"judged": 4}, "512 are a good"),
])
def test_sizes_from_which_nothing_follows_are_refused_before_anything_runs(tmp_path, monkeypatch, size, told):
    done = live_by(trade_off, monkeypatch)
    with pytest.raises(AdviseError, match=told):
        advise(ask(tmp_path, AIMS + STRICT), **{**FEW, **size})
    assert not done
