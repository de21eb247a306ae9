"""Questions as files: what is refused, in which words and where, before anything runs."""

from __future__ import annotations

import json

import pytest
from made_up_futures import HEAD, ask

from sim.model.parameters import levers
from sim.scenario.errors import ScenarioError
from sim.scenario.shipped import question_files, questions
from sim.studies.deciding.question import HANDS_OFF, TODAY, Question, owners
from sim.studies.deciding.question_file import read_question

AIMS = '[[objective]]\noutcome = "severe_incidents"\n[[objective]]\noutcome = "small_labs"\n'
MOVES = "[regulation.us]\nstrictness = { from = 0.0, to = 1.0 }\n"
WHEN = """[[when]]
name = "alarm"
off = [true, false]
outcome = "severe_incidents"
above = { from = 0, to = 4, step = 1 }
over_months = [12, 36]
"regulation.us.strictness" = { from = 0.5, to = 1.0 }
"""
CHANGE = """[[change]]
name = "ramp"
date = { from = "2027-01", to = "2029-01" }
over_months = { from = 0, to = 36, step = 12 }
"subsidy.us_usd_bn_per_year" = { from = 0, to = 100 }
"""


@pytest.mark.parametrize(("text", "line", "told"), [
    (AIMS, 3, "nothing may move"),
    (AIMS + "[regulation.us]\nstrictness = { from = 0.5, to = 0.5 }", 12, "this range is empty"),
    (AIMS + "[regulation.us]\nstrictness = { from = 0.5, to = 0.1 }", 12, "this range is empty"),
    (AIMS + "[regulation.us]\nstrictness = { from = 0.0, to = 1.5 }", 12, "must be a number from 0 to 1"),
    (AIMS + "[regulation.us]\nstrictness = { from = 0.0, to = 1.0, step = 2.0 }", 12, "does not fit its range"),
    (AIMS + "[regulation.us]\nstrictness = { form = 0.0, to = 1.0 }", 12, "did you mean `from`?"),
    (AIMS + '[regulation.us]\nstrictness = { from = "low", to = 1.0 }', 12, "from a number to a number"),
    (AIMS + "[regulation.us]\nstrictnes = { from = 0.0, to = 1.0 }", 12, "did you mean `strictness`?"),
    (AIMS + "[regulation.us]\nstrictness = 0.5", 12, "may not move"),
    (AIMS + "[regulation.us]\nstrictness = [0.5]", 12, "leaves nothing to choose"),
    (AIMS + "[regulation.us]\nstrictness = [0.5, true]", 12, "mixes kinds"),
    (AIMS + "[regulation.eu]\nstrictness = { from = 0.0, to = 1.0 }", 12, "not for us to choose"),
    (AIMS + "[regulation]\nstrictness = { from = 0.0, to = 1.0 }", 12, "as in regulation.us.strictness"),
    (AIMS + "[capital]\npatronage = { from = 0.0, to = 1.0 }", 12, "no government's to choose"),
    (AIMS + "[structure]\npowers = [\"payoffs\", \"hazards\"]", 11, "beliefs belong into [beliefs]"),
    (AIMS.replace("small_labs", "market_hhi") + MOVES, 10, "has no better direction"),
    (AIMS.replace("small_labs", "smal_labs") + MOVES, 10, "small_labs"),
    (AIMS.replace("small_labs", "severe_incidents") + MOVES, 10, "an objective twice"),
    (AIMS.replace('"small_labs"', '"small_labs"\nbeter = "lower"') + MOVES, 11, "did you mean `better`?"),
    (AIMS.replace('"small_labs"', '"small_labs"\nbetter = "up"') + MOVES, 11, "say which way is better"),
    (AIMS[: AIMS.index("[[", 5)] + MOVES, 7, "two to 4 objectives, not 1"),
    (AIMS + '[[limit]]\noutcome = "hostility"\n' + MOVES, 11, "one of `at_least` and `at_most`"),
    (AIMS + '[[limit]]\noutcome = "hostility"\nat_most = "low"\n' + MOVES, 13, "no number that a limit takes"),
    (AIMS + '[[limit]]\noutcome = "hostility"\nat_most = 0.5\nin_share = 90\n' + MOVES, 14, "share of futures"),
    (AIMS + '[beliefs]\nuncertainty = "none"\n' + MOVES, 12, "one of luck, prior, posterior"),
    (AIMS + '[beliefs]\ntheories = "all"\n' + MOVES, 12, "leaves every theory open"),
    (AIMS + '[beliefs]\nworld = ["rapid_progress"]\n' + MOVES, 12, "did you mean `worlds`?"),
    (AIMS + WHEN.replace("severe_incidents", "incidents"), 14, "severe_incidents"),
    (AIMS + WHEN.replace("above", "abov"), 15, "above"),
    (AIMS + WHEN.replace('name = "alarm"\n', ""), 11, "has no name"),
    (AIMS + "".join(WHEN.replace("alarm", f"alarm {n}") for n in range(3)), 25, "at most 2 triggers"),
    (AIMS + CHANGE.replace('"2027-01"', '"2025-01"'), 13, "outside the run"),
    (AIMS + CHANGE.replace('"2029-01"', '"2029-13"'), 13, "from a month to a month"),
    (AIMS + CHANGE.replace("subsidy.us_usd", "subsidy.china_usd"), 15, "not for us to choose"),
])
def test_what_is_wrong_is_refused_with_its_line(tmp_path, text, line, told):
    months = HEAD.replace("months = 1\n", "months = 120\n")
    path = tmp_path / "question.toml"
    path.write_text(months + text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_question(path)
    said = str(refused.value)
    assert told in said
    assert f"question.toml:{line}:" in said


@pytest.mark.parametrize(("head", "told"), [
    ('who = "us"', "needs `who`"), ('base = "baseline"', "needs `base`"), ("months = 1", None),
])
def test_who_and_base_are_needed_and_months_are_the_bases(tmp_path, head, told):
    path = tmp_path / "question.toml"
    path.write_text(HEAD.replace(f"{head}\n", "") + AIMS + MOVES, encoding="utf-8")
    if told is None:
        assert read_question(path).months == 120
        return
    with pytest.raises(ScenarioError, match=told):
        read_question(path)


@pytest.mark.parametrize(("old", "new", "told"), [
    ('"us"', '"usa"', "did you mean `us`?"), ('"us"', "[]", "names nobody"), ("months = 1", "months = 0", "1 to 600"),
    ('"baseline"', '"base_line"', "baseline"), ("title", "titel", "did you mean `title`?"),
    ('base = "baseline"', 'extends = "baseline"', "no place in a question"),
])
def test_a_wrong_head_is_refused_with_what_was_meant(tmp_path, old, new, told):
    path = tmp_path / "question.toml"
    path.write_text(HEAD.replace(old, new, 1) + AIMS + MOVES, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_question(path)
    assert told in str(refused.value)


def test_a_name_that_is_none_tells_those_there_are():
    with pytest.raises(ScenarioError, match="did you mean `us_policy_mix`"):
        read_question("us_policy")


def test_a_world_and_a_question_that_set_one_lever_clash_before_anything_runs(tmp_path):
    (tmp_path / "strict_world.toml").write_text('title = "Strict world"\n[regulation.us]\nstrictness = 0.9\n')
    text = AIMS + '[beliefs]\nworlds = ["strict_world.toml"]\n' + MOVES
    with pytest.raises(ScenarioError, match="set by a world and by a policy"):
        read_question(ask(tmp_path, text))


@pytest.mark.parametrize("name", question_files())
def test_a_shipped_question_is_valid_says_what_it_asks_and_moves_what_is_its_own(name):
    question = read_question(name)
    assert question.asks == questions()[name].question
    assert question.look_for
    assert len(question.aims) in (3, 4)
    assert all(owners(axis.lever) <= set(question.who) for axis in question.axes if axis.lever)
    everything = question.policy([size - 1 for size in question.sizes], "All")
    for policy in (everything, question.today()):
        assert all(scenario.warnings == () for scenario in question.scenarios(policy))


def test_the_shipped_questions_are_of_a_us_mix_over_worlds_and_of_eu_rules_for_small_labs():
    mix, rules = read_question("us_policy_mix"), read_question("eu_small_labs")
    assert (mix.who, len(mix.worlds), len(mix.triggers)) == (("us",), 6, 1)
    assert (rules.who, rules.aims[0].outcome, rules.limits[0].outcome) == (("eu",), "small_labs", "safety_effort")


def test_levels_are_round_numbers_whole_months_and_half_years(tmp_path):
    text = HEAD.replace("months = 1\n", "") + AIMS + MOVES + CHANGE
    path = tmp_path / "question.toml"
    path.write_text(text)
    levels = {axis.loc[-1]: axis.levels for axis in read_question(path).axes}
    assert levels["strictness"] == tuple(round(0.05 * place, 12) for place in range(21))
    assert levels["date"] == ("2027-01", "2027-07", "2028-01", "2028-07", "2029-01")
    assert levels["over_months"] == (0, 12, 24, 36)
    assert levels["subsidy.us_usd_bn_per_year"] == tuple(5.0 * place for place in range(21))


def test_what_is_off_is_left_out_and_its_details_make_no_other_policy(tmp_path):
    question = read_question(ask(tmp_path, AIMS + MOVES + WHEN))
    off, also, on = ([3, *places] for places in ([0, 4, 1, 2], [0, 0, 0, 0], [1, 0, 0, 0]))
    assert question.canonical(off) == question.canonical(also) != question.canonical(on)
    assert "when" not in question.policy(off).tables
    (when,) = question.policy(on).tables["when"]
    assert when == {"name": "alarm", "outcome": "severe_incidents", "above": 0.0, "over_months": 12,
                    "regulation.us.strictness": 0.5}


def test_doing_nothing_sets_what_may_move_to_nil_and_today_sets_nothing(tmp_path):
    question = read_question(ask(tmp_path, AIMS + MOVES + "[trade]\nchip_controls = { from = 0.5, to = 1.0 }\n"))
    assert question.hands_off().name == HANDS_OFF
    assert question.hands_off().tables == {"regulation.us.strictness": 0.0, "trade.chip_controls": 0.0}
    assert (question.today().name, question.today().tables) == (TODAY, {})
    assert question.scenarios(question.today())[0].levers == question.base.levers


def test_a_question_comes_back_from_what_was_kept_of_it():
    question = read_question("us_policy_mix")
    told = json.loads(json.dumps(question.resolved()))
    again = Question.from_resolved(told)
    assert again.resolved() == question.resolved()
    policy = question.policy([1] * len(question.axes), "One")
    assert again.scenarios(policy) == question.scenarios(policy)


def test_every_lever_is_of_somebody_or_of_nobody():
    """What labs, investors, courts and founders do is no policy; what holds everywhere takes all who make law."""
    assert owners("regulation.eu.strictness") == {"eu"}
    assert owners("regulation.information") == owners("regulation.strictness") == {"us", "eu", "china"}
    assert owners("diplomacy.us_china_cooperation") == {"us", "china"}
    nobodys = {path for path in levers() if owners(path) is None}
    assert {path.partition(".")[0] for path in nobodys} == {"litigation", "capital", "people", "industry", "structure"}
