"""Why a run differs: replays prevent what they should and nothing before it, and known causes are found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.model.channels import slots_of
from sim.model.luck import Luck
from sim.model.naming import names_of
from sim.model.outcomes import INDEX
from sim.studies.comparing.draws import DECIDERS, MOST_SUSPECTS, record, suspects
from sim.studies.comparing.histories import SAME_EVENT, History, unmatched
from sim.studies.comparing.why import BASELINE, OTHER, Why, why

SCENARIOS = Path(__file__).parents[3] / "scenarios"
BASE = sim.Scenario.load(SCENARIOS / "baseline.toml")
RUN, MONTHS = 1, 60
RIVALRY = sim.Scenario.load(SCENARIOS / "light_rivalry.toml")
COOPERATION = sim.Scenario.load(SCENARIOS / "light_cooperation.toml")


@pytest.fixture(scope="module")
def found() -> Why:
    """Run 1 under rivalry and cooperation."""
    return why(RIVALRY, COOPERATION, run=RUN, months=MONTHS, outcome="safety_effort", uncertainty="luck")


# ---- replays -----------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_replay_leaves_everything_before_the_changed_draw_bit_identical(found: Why) -> None:
    assert len(found.turns) > 10
    for turn in found.turns:
        assert turn.draw is not None
        before = turn.draw[2]
        assert before <= turn.event.month
        assert np.array_equal(turn.path[:before], found.results.values[turn.event.side, 0, :before])


@pytest.mark.slow
def test_a_turn_is_what_replaying_the_run_by_hand_gives(found: Why) -> None:
    """Other runs are untouched, the event is gone, and the effect is the difference before less that after."""
    scenarios = (RIVALRY, COOPERATION)
    at = INDEX[found.outcome]
    for turn in (*found.that_mattered, found.turns[0], found.turns[-1]):
        scenario, event = scenarios[turn.event.side], turn.event
        changed = {turn.draw: turn.changed_to}
        plain = sim.simulate(scenario, runs=2, first_run=RUN - 1, months=MONTHS, uncertainty="luck")
        replayed = sim.simulate(scenario, runs=2, first_run=RUN - 1, months=MONTHS, uncertainty="luck", changed=changed)
        assert np.array_equal(replayed.values[0, 0], plain.values[0, 0])
        assert np.array_equal(replayed.values[0, 1], turn.path)
        was, became = ([text for ran, month, text in results.events[["run", "month", "text"]].itertuples(index=False)
                        if (ran, month) == (RUN, event.month)] for results in (plain, replayed))
        assert became.count(event.text) < was.count(event.text)
        sign = 1.0 if event.side == OTHER else -1.0
        moved = plain.summaries[0, 1, at] - replayed.summaries[0, 1, at]
        assert found.effect(turn) == pytest.approx(sign * moved, abs=1e-12)


def test_numbers_of_the_draws_are_those_of_the_run(found: Why) -> None:
    luck = Luck(0, np.array([RUN]))
    for turn in found.turns:
        channel, run, month, slot = turn.draw
        luck.month = month
        assert run == RUN
        assert turn.number == luck.uniform(channel, slots_of(channel))[0, slot]


@pytest.mark.slow
def test_what_a_turn_takes_along_is_gone_in_its_replay(found: Why) -> None:
    first = next(turn for turn in found.turns if turn.event.side == OTHER and turn.takes_along)
    replayed = sim.simulate(COOPERATION, runs=1, first_run=RUN, months=MONTHS, uncertainty="luck",
                            changed={first.draw: first.changed_to})
    for gone in first.takes_along:
        assert gone.side == OTHER
        assert gone.month >= first.event.month
        near = replayed.events[(replayed.events["month"] - gone.month).abs() <= SAME_EVENT]
        assert gone.text not in near["text"].tolist()


@pytest.mark.slow
def test_changing_the_draw_of_an_event_removes_it_for_nearly_every_kind() -> None:
    """The table of deciders is right: for each kind that 3 runs show, a suspect removes the event in nine of ten.

    Not all: rounds of a lab that asks twice, or an ally that joins two suits, need two draws.
    """
    strict = sim.Scenario.load(SCENARIOS / "strict_rivalry.toml")
    tried: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for run in range(3):
        for scenario, recorded in zip((RIVALRY, strict), record([RIVALRY, strict], run, 0, 120, "luck"), strict=True):
            told, chosen, changes = recorded.history, [], []
            seen: Counter[str] = Counter()
            for position in range(len(told)):
                kind = told.kind(position)
                if kind in DECIDERS and seen[kind] < 6:
                    seen[kind] += 1
                    tried[kind] += 1
                    for draw, _, away in suspects(recorded, position):
                        chosen.append(position)
                        changes.append({draw: away})
            replays = sim.simulate([scenario] * len(changes), runs=1, first_run=run, months=120, changed=changes,
                                   uncertainty="luck")
            texts = {title: set(zip(part["month"], part["text"], strict=True))
                     for title, part in replays.events.groupby("scenario")}
            removed = set()
            for position, title in zip(chosen, replays.titles, strict=True):
                text = told.texts([position])[0]
                if (int(told.months[position]), text) not in texts[title]:
                    removed.add(position)
            gone.update(told.kind(position) for position in removed)
    enough = [kind for kind in tried if tried[kind] >= 10]
    assert len(enough) > 15
    # What a lab has raised in all passes the mark by many rounds: without one of them it may pass in the same month.
    least = dict.fromkeys(enough, 0.9) | {"hundred_billion": 0.75}
    assert {kind: gone[kind] / tried[kind] for kind in enough if gone[kind] < least[kind] * tried[kind]} == {}


# ---- known answers -----------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_scenario_and_itself_never_part() -> None:
    same = why(BASE, BASE.with_({}, title="Same"), run=1, months=24)
    assert same.contrast.month is None
    assert same.first_month_at_all is None
    assert same.parted == same.turns == same.levers == ()
    assert same.gap == 0.0
    assert "nothing that differs between the files acts here" in " ".join(str(same).split())


@pytest.mark.slow
def test_one_dated_event_is_where_the_runs_part_and_all_of_the_difference() -> None:
    date, month = "2027-03", 14
    incident = {"event": [{"date": date, "kind": "severe_incident", "severity": 1.0}]}
    dated = why(BASE, BASE.with_(incident, title="An incident"), run=2, months=48, outcome="severe_incidents")
    assert dated.contrast.date == date
    assert dated.first_month_at_all == dated.first_month_notable == month
    first = next(turn for turn in dated.turns if turn.event.month == month)
    assert first.event.kind == "severe_incident"
    assert first.draw is None  # the file decided it, no draw
    assert np.array_equal(first.path, dated.results.values[BASELINE, 0])  # without its line, it is the baseline
    assert dated.effect(first) == dated.gap != 0.0
    [(undone, effect)] = dated.levers
    assert "severe_incident" in undone.key
    assert np.array_equal(effect, dated.difference)


@pytest.mark.slow
def test_without_litigation_suits_are_events_of_the_baseline_alone() -> None:
    quiet = BASE.with_({"litigation.filing": 0.0}, title="No litigation")
    told = why(BASE, quiet, run=5, months=48, outcome="legal_cost_usd_bn")
    sued = [turn for turn in told.turns if turn.event.kind in ("suit_rivalry", "suit_mission", "suit_copyright")]
    filed = [event for event in told.parted if event.kind.startswith("suit_")]
    assert filed
    assert all(event.side == BASELINE for event in filed)
    assert all(turn.draw[0] in ("courts.filing", "courts.copyright") for turn in sued)
    [(undone, effect)] = told.levers
    assert (undone.key, undone.baseline, undone.other) == ("litigation.filing", BASE.levers["litigation.filing"], 0.0)
    assert np.array_equal(effect, told.difference)


def test_levers_act_before_events_where_they_do(found: Why) -> None:
    assert found.first_month_at_all is not None
    assert found.contrast.month is not None
    assert found.first_month_at_all <= found.contrast.month
    assert ("Levers act first" in str(found)) == (found.first_month_at_all < found.contrast.month)


# ---- the story ---------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_same_question_has_the_same_answer(found: Why) -> None:
    again = why(RIVALRY, COOPERATION, run=RUN, months=MONTHS, outcome="safety_effort", uncertainty="luck")
    assert str(again) == str(found)


def test_the_story_fits_eighty_columns_and_names_the_draws(found: Why) -> None:
    text = str(found)
    assert max(len(line) for line in text.splitlines()) <= 80
    for turn in found.that_mattered:
        assert f"{turn.draw[0]}, slot {turn.draw[3]}" in text


@pytest.mark.slow
def test_a_chain_is_made_of_events_of_which_each_needs_the_first() -> None:
    strict = sim.Scenario.load(SCENARIOS / "strict_rivalry.toml")
    told = why(RIVALRY, strict, run=0, outcome="small_labs", uncertainty="luck")
    strongest = told.that_mattered[0]
    chain = told.chain_of(strongest)
    assert strongest in chain
    assert len(chain) > 1
    assert [turn.event.month for turn in chain] == sorted(turn.event.month for turn in chain)
    assert all(turn.event in chain[0].takes_along for turn in chain[1:])


@pytest.mark.slow
def test_without_an_outcome_asked_for_it_is_a_primary_one() -> None:
    told = why(RIVALRY, COOPERATION, run=RUN, months=24)
    assert told.about.primary
    assert not told.chosen


@pytest.mark.parametrize(("options", "message"), [
    ({"outcome": "suits"}, "did you mean 'suits_open'"),
    ({"run": -1}, "run must be a whole number from 0 to"),
    ({"months": 0}, "months must be a whole number"),
])
def test_what_cannot_be_asked_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        why(RIVALRY, COOPERATION, **options)  # type: ignore[arg-type]


# ---- matching events ---------------------------------------------------------------------------------------
def made(*events: tuple[int, str, int, int]) -> History:
    from sim.model.events import KINDS

    months, kinds, actors, targets = zip(*events, strict=True) if events else ((), (), (), ())
    codes = [KINDS.index(kind) for kind in kinds]
    return History(names_of("2026-01"), *(np.array(column, dtype=int) for column in (months, codes, actors, targets)),
                   np.ones(len(events)))


def test_an_event_that_comes_a_little_later_has_a_counterpart_and_one_much_later_has_not() -> None:
    ours = made((3, "bust", -1, -1), (20, "conversion", 1, -1))
    theirs = made((3 + SAME_EVENT, "bust", -1, -1), (20 + SAME_EVENT + 1, "conversion", 1, -1))
    alone = unmatched(ours, theirs)
    assert alone[0].tolist() == alone[1].tolist() == [False, True]


def test_the_same_month_goes_before_a_nearer_place_in_the_order() -> None:
    ours = made((2, "bust", -1, -1), (5, "bust", -1, -1))
    theirs = made((5, "bust", -1, -1))
    assert unmatched(ours, theirs)[0].tolist() == [True, False]


def test_labs_founded_in_a_run_are_known_by_their_founder_not_by_their_slot() -> None:
    slots = (30, 31)
    ours = made((1, "spin_off", 4, slots[0]), (9, "conversion", slots[0], -1))
    theirs = made((0, "spin_off", 7, slots[0]), (1, "spin_off", 4, slots[1]), (9, "conversion", slots[1], -1))
    alone = unmatched(ours, theirs)
    assert alone[0].tolist() == [False, False]
    assert alone[1].tolist() == [True, False, False]


def test_an_event_has_few_suspects_and_all_were_drawn() -> None:
    [recorded] = record([RIVALRY], RUN, 0, 24, "luck")
    luck = Luck(0, np.array([RUN]))
    for position in range(len(recorded.history)):
        found = suspects(recorded, position)
        assert len(found) <= MOST_SUSPECTS
        for (channel, run, month, slot), number, _ in found:
            assert run == RUN
            luck.month = month
            assert luck.uniform(channel, slots_of(channel))[0, slot] == number
