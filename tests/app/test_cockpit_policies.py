"""Policies in time on the page: built by a form, told, drawn, held by the link, and taken along as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.app.downloads import scenario_file
from sim.app.engine import Runs, ensemble, joined
from sim.app.in_time import SENTENCES, FormError, catalogue, on_page, tables_of
from sim.app.outcomes import results_of, sentences
from sim.app.timeline import pictures, timelines
from sim.app.view import LONGEST_QUERY, View, read, start_scenario
from sim.cli.commands import app
from sim.engine.simulate import simulate
from sim.model.outcomes import NAMES
from sim.report.words.policies import met_in
from sim.scenario.scenario import Scenario
from sim.scenario.schema import MAX_CHANGES, levers_in_time
from sim.studies.comparing.compare import compare

SUBSIDY = {"date": "2027-01", "over_months": "36", "until": "2034-01", "subsidy.us_usd_bn_per_year": "50"}
EU_STRICT = {"date": "2027-01", "regulation.eu.strictness": "0.8"}
IN_MEMORY = {key: f"{value:g}" if isinstance(value, int | float) else value for key, value in SENTENCES[1][1].items()}
US_ANSWERS = {**IN_MEMORY, "regulation.us.strictness": "0.8"}
STEP = "change.x.date=2027-01&change.x.regulation.strictness=0.9"


def decided(view: View, group: str, name: str, texts: dict[str, str]) -> View:
    return view.decide(group, name, texts, new=True)


def policies(scenario: Scenario) -> tuple[object, object]:
    return scenario.changes, scenario.whens


def refused(view: View, group: str, texts: dict[str, str], name: str = "", new: bool = True) -> dict[str, str]:
    with pytest.raises(FormError) as error:
        view.decide(group, name, texts, new)
    return error.value.wrong


# ---- forms -------------------------------------------------------------------------------------------------------


def test_forms_make_the_policies_that_come_with_airace() -> None:
    view = decided(View(), "change", "EU strict", EU_STRICT)
    view = decided(view, "when", "US answers an incident", US_ANSWERS)
    assert policies(view.scenario) == policies(start_scenario("after_an_incident"))
    assert policies(decided(View(), "change", "subsidy", SUBSIDY).scenario) == policies(start_scenario("phase_in"))


def test_a_policy_without_a_name_gets_one_that_is_free() -> None:
    view = decided(decided(View(), "change", "", EU_STRICT), "change", "", SUBSIDY)
    view = decided(view, "when", "", US_ANSWERS)
    assert list(tables_of(view.scenario)) == [("change", "change 1"), ("change", "change 2"), ("when", "trigger 1")]


@pytest.mark.parametrize(("texts", "key", "said"), [
    ({**EU_STRICT, "date": "2027"}, "date", "`date` is not a month: must be a month, as in"),
    ({**EU_STRICT, "date": "2047-01"}, "date", "`2047-01` is outside the run: the run goes from 2026-01 to 2035-12"),
    ({"regulation.eu.strictness": "0.8"}, "date", "a change needs `date`"),
    ({**EU_STRICT, "until": "2026-05"}, "until", "before it begins: let `until` be a later month"),
    ({**EU_STRICT, "over_months": "1.5"}, "over_months", "a whole number of months from 0 to 600"),
    ({**EU_STRICT, "regulation.eu.strictness": "7"}, "regulation.eu.strictness", "must be a number from 0 to 1"),
    ({**EU_STRICT, "regulation.eu.strictness": "nan"}, "regulation.eu.strictness", "nan"),
    ({**EU_STRICT, "regulation.eu.strictness": "much"}, "regulation.eu.strictness", "is a text, not a number"),
    ({"date": "2027-01"}, "", "sets no lever"),
    ({"date": "2027-01", "over_months": "3", "capital.conversion_allowed": "false"}, "capital.conversion_allowed",
     "has no values in between: remove `over_months`"),
])
def test_what_is_wrong_with_a_change_is_said_at_its_field_in_the_words_of_a_file_s_check(
    texts: dict[str, str], key: str, said: str
) -> None:
    wrong = refused(View(), "change", texts)
    assert list(wrong) == [key]
    assert said in wrong[key]
    assert "change[" not in wrong[key]


@pytest.mark.parametrize(("texts", "key"), [
    ({**US_ANSWERS, "outcome": "severe_incident"}, "outcome"),
    ({key: text for key, text in US_ANSWERS.items() if key != "above"}, "above"),
    ({**US_ANSWERS, "above": "many"}, "above"),
    ({**US_ANSWERS, "delay_months": "700"}, "delay_months"),
    ({**US_ANSWERS, "all": "[]"}, "all"),
])
def test_what_is_wrong_with_a_trigger_is_said_at_its_field(texts: dict[str, str], key: str) -> None:
    assert list(refused(View(), "when", texts)) == [key]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = refused(View(), "change", {"date": "soon", "until": "later", "regulation.eu.strictness": "7"})
    assert set(wrong) == {"regulation.eu.strictness", "until", "date"}


def test_a_name_that_stands_already_or_cannot_be_addressed_is_refused() -> None:
    view = decided(View(), "change", "EU strict", EU_STRICT)
    assert refused(view, "change", SUBSIDY, "EU strict") == {"name": "there is a change named `EU strict` already"}
    assert list(refused(view, "change", SUBSIDY, "a.b")) == ["name"]


def test_two_changes_of_a_lever_in_a_month_are_refused_and_the_first_is_kept() -> None:
    view = decided(View(), "change", "EU strict", EU_STRICT)
    assert "changes twice in 2027-01: keep one of the two" in str(refused(view, "change", EU_STRICT))
    assert len(view.scenario.changes) == 1


def test_no_more_policies_than_a_file_may_hold() -> None:
    # Short names, so that the link has room for them all.
    months = [f"{2026 + month // 12}-{month % 12 + 1:02d}" for month in range(MAX_CHANGES + 1)]
    query = "&".join(f"change.{k}.date={month}&change.{k}.trade.chip_controls=0.5" for k, month in enumerate(months))
    view, said = read(query)
    assert len(view.scenario.changes) == MAX_CHANGES
    assert said == [f"change.{MAX_CHANGES}: there are too many changes: a scenario holds at most {MAX_CHANGES} "
                    "changes; it is left as it was."]
    assert len(read(f"from=phase_in&{query}")[0].scenario.changes) == MAX_CHANGES
    assert on_page(view.scenario, view.baseline)["full"] == {"change": True, "when": False}


def test_a_policy_that_no_link_could_hold_is_refused() -> None:
    def with_many(view: View, first: int, last: int) -> View:
        for number in range(first, last):
            texts = {**EU_STRICT, "date": f"{2026 + number // 12}-{number % 12 + 1:02d}"}
            view = decided(view, "change", "long " * 15 + str(number), texts)
        return view

    view = with_many(View(), 0, 25)
    assert read(view.query()) == (view, [])
    with pytest.raises(FormError, match=f"longer than {LONGEST_QUERY} characters: remove a policy first"):
        with_many(view, 25, 50)


@pytest.mark.parametrize(("said", "table"), SENTENCES)
def test_every_ready_sentence_makes_a_trigger_that_can_come_into_force(said: str, table: dict[str, object]) -> None:
    sentence = next(each for each in catalogue()["sentences"] if each["said"] == said)
    view = decided(View(), "when", "", {**sentence["texts"], "regulation.us.strictness": "0.8"})
    assert on_page(view.scenario, view.baseline)["warnings"] == []
    assert view.scenario.whens[0].ends == any(key.startswith("until") for key in table)


def test_a_condition_that_always_holds_is_warned_of() -> None:
    view = decided(View(), "when", "", {**US_ANSWERS, "above": "-1"})
    assert "always holds" in on_page(view.scenario, view.baseline)["warnings"][0]


def test_every_lever_of_policy_can_be_chosen_once() -> None:
    offered = [lever["path"] for group in catalogue()["levers"] for lever in group["levers"]]
    assert sorted(offered) == sorted(levers_in_time())


# ---- what a scenario begins with ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["after_an_incident", "phase_in", "if_china_catches_up", "mutual_truce"])
def test_policies_of_the_scenario_at_the_start_are_shown_and_kept(name: str) -> None:
    view, said = read(f"from={name}&regulation.strictness=0.4")
    assert said == []
    assert policies(view.scenario) == policies(start_scenario(name))
    shown = on_page(view.scenario, view.baseline)
    assert [each["name"] for each in shown["policies"]] == [each.name for each in
                                                            (*view.scenario.changes, *view.scenario.whens)]
    assert shown["same"]
    for each in shown["policies"]:  # what a form holds makes the same policy again
        assert view.decide(each["group"], each["name"], each["texts"], new=False) == view


def test_what_is_edited_takes_its_place_and_what_is_taken_back_is_gone() -> None:
    view = read("from=mutual_truce")[0]
    edited = view.decide("when", "China withholds again", {**US_ANSWERS, "delay_months": "6"}, new=False)
    assert [each.name for each in edited.scenario.whens] == ["China withholds again", "the US withholds again"]
    assert edited.scenario.whens[0].delay_months == 6
    gone = edited.take_back("change", "truce").take_back("when", "China withholds again")
    assert [each.name for each in (*gone.scenario.changes, *gone.scenario.whens)] == ["the US withholds again"]
    assert gone.query() == "from=mutual_truce&when.China%20withholds%20again.off=true&change.truce.off=true"
    assert gone.reset() == view
    assert decided(View(), "change", "", EU_STRICT).take_back("change", "change 1") == View()


def test_a_trigger_with_several_conditions_keeps_them_when_its_delay_is_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.app import view as views

    several = start_scenario("baseline").with_({"when": [{"name": "both", "trade.chip_controls": 0.5, "all": [
        {"outcome": "severe_incidents", "above": 0}, {"outcome": "hostility", "above": 0.5}]}]})
    monkeypatch.setattr(views, "start_scenario", lambda *_: several)
    view = View().decide("when", "both", {"delay_months": "6", "trade.chip_controls": "0.5"}, new=False)
    assert len(view.scenario.whens[0].conditions) == 2
    assert view.query() == "when.both.delay_months=6"


BAND = {"any.1.outcome": "severe_incidents", "any.1.above": "2", "any.2.outcome": "hostility", "any.2.above": "0.6",
        "any.2.until_below": "0.4", "regulation.us.strictness": "0.8"}


def test_conditions_joined_are_made_by_a_form_held_by_a_link_and_written_into_the_file() -> None:
    view = decided(View(), "when", "either", BAND)
    made = view.scenario.whens[0]
    assert ([each.outcome for each in made.conditions], made.every) == (["severe_incidents", "hostility"], False)
    assert "when.either.any.2.until_below=0.4" in view.query()
    assert read(view.query()) == (view, [])
    shown = on_page(view.scenario, view.baseline)["policies"][0]
    assert view.decide("when", "either", shown["texts"], new=False) == view
    assert "any = [" in scenario_file(view).decode()
    both = view.decide("when", "either", {key.replace("any", "all"): text for key, text in BAND.items()}, new=False)
    assert both.scenario.whens[0].every
    single = view.decide("when", "either", US_ANSWERS, new=False)
    assert len(single.scenario.whens[0].conditions) == 1


def test_a_link_changes_one_of_several_conditions_and_leaves_the_others() -> None:
    query = decided(View(), "when", "either", BAND).query().replace("any.2.above=0.6", "any.2.above=0.7")
    conditions = read(query)[0].scenario.whens[0].conditions
    assert [each.threshold for each in conditions] == [2.0, 0.7]


@pytest.mark.parametrize(("texts", "key"), [
    ({**BAND, "any.2.above": "much"}, "any.2.above"),
    ({**BAND, "any.1.outcome": "weather"}, "any.1.outcome"),
    ({**BAND, "any.2.over_months": "-1"}, "any.2.over_months"),
    ({**BAND, "above": "1"}, "above"),
])
def test_what_is_wrong_with_one_of_several_conditions_is_said_at_its_field(texts: dict[str, str], key: str) -> None:
    assert list(refused(View(), "when", texts)) == [key]


def test_pinning_makes_the_policies_the_baseline_s() -> None:
    view = decided(View(), "change", "EU strict", EU_STRICT)
    assert not view.unmoved
    pinned = view.pin()
    assert pinned.unmoved
    assert policies(pinned.baseline) == policies(view.scenario)
    assert read(pinned.query()) == (pinned, [])
    other = pinned.take_back("change", "EU strict")
    assert not other.unmoved
    assert other.reset() == pinned
    assert pinned.compare_command == ""


# ---- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [
    "change.EU%20strict.date=2027-01&change.EU%20strict.regulation.eu.strictness=0.8",
    "from=phase_in&change.subsidy.over_months=24",
    "from=phase_in&change.subsidy.until=",
    "from=phase_in&change.subsidy.off=true",
    "when.x.outcome=hostility&when.x.above=0.5&when.x.until_below=0.4&when.x.regulation.information=public",
    f"regulation.strictness=0.8&{STEP}&pin.change.x.date=2028-01&pin.change.x.capital.conversion_allowed=false",
])
def test_a_link_opens_the_policies_that_it_was_made_from(query: str) -> None:
    view, said = read(query)
    assert said == []
    assert read(view.query()) == (view, [])
    assert view.query() == query


def test_a_link_that_says_what_holds_anyway_is_the_shorter_one() -> None:
    assert read("from=phase_in&change.subsidy.over_months=36&change.subsidy.date=2027-01")[0].query() == "from=phase_in"


@pytest.mark.parametrize(("query", "said"), [
    ("change.y.date=2027", "change.y: `date` is not a month"),
    ("change.y.date=2027-01", "change.y: this [[change]] sets no lever"),
    ("change.y.dat=2027-01", "change.y: unknown key `dat`: did you mean `date`?"),
    ("change.y.date=2027-02&change.y.regulation.mars.strictness=1", "unknown key"),
    ("change.y.date=2027-02&change.y.structure.powers=any", "a theory is what is believed"),
    ("change.y=2027-01", "'change.y' is no key of a policy"),
    ("change.y.name=z", "change.y: `name` can be written in a file, not here"),
    ("change.y.off=true", "change.y: there is no change of this name to take back"),
    ("change.y.date=2027-01&change.y.regulation.strictness=0.2", "changes twice in 2027-01"),
    ("when.y.outcome=weather&when.y.above=1&when.y.regulation.strictness=1", 'unknown outcome "weather"'),
    ("when.y.outcome=change[7]&when.y.above=1&when.y.regulation.strictness=1", 'unknown outcome "change[7]"'),
    ("when.y.outcome=hostility&when.y.above=1e999&when.y.regulation.strictness=1", "when.y: `above`"),
    ("pin.change.y.date=never&pin.change.y.regulation.strictness=1", "change.y: `date` is not a month"),
])
def test_a_policy_of_a_link_that_makes_no_sense_is_refused_in_a_sentence_and_the_rest_is_kept(
    query: str, said: str
) -> None:
    view, sentences = read(f"{STEP}&{query}&seed=3")
    assert len(sentences) == 1
    assert said in sentences[0]
    assert sentences[0].endswith("; it is left as it was.")
    assert view.query() == f"{STEP}&seed=3"


# ---- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [
    STEP, "from=mutual_truce", f"from=after_an_incident&{STEP}&change.EU%20strict.off=true"])
def test_the_scenario_file_holds_the_policies_and_a_comparison_takes_it(
    tmp_path: Path, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, said = read(query)
    assert said == []
    monkeypatch.chdir(tmp_path)
    Path("scenario.toml").write_bytes(scenario_file(view))
    loaded = Scenario.load("scenario.toml")
    assert (loaded.levers, policies(loaded)) == (view.scenario.levers, policies(view.scenario))
    told = CliRunner().invoke(app, ["validate", "scenario.toml"], prog_name="airace")
    assert told.exit_code == 0, told.stderr


def test_the_scenario_file_opens_with_the_names_of_its_policies() -> None:
    def asks(query: str) -> str:
        return scenario_file(read(query)[0]).decode().splitlines()[0]

    assert asks(STEP) == "# Asks: What happens with “x”?"
    assert asks(f"trade.chip_controls=0&from=after_an_incident&{STEP}&change.EU%20strict.off=true") == (
        "# Asks: What happens if export controls on chips is 0 × with “x” without “EU strict”?")


def test_the_command_for_a_run_names_the_file_where_policies_are_the_page_s_own() -> None:
    assert read(STEP)[0].command == "airace run scenario.toml --seed 0 --run 0"
    assert read("from=phase_in")[0].command == "airace run phase_in --seed 0 --run 0"


# ---- runs --------------------------------------------------------------------------------------------------------


def test_the_page_says_how_often_a_trigger_came_into_force_by_the_runs_it_shows() -> None:
    view = read("from=after_an_incident&pin.when.US%20answers%20an%20incident.off=true")[0]
    scenarios = (view.baseline, view.scenario)
    runs = [joined([ensemble(each, 0, first, 6) for first in (0, 6)]) for each in scenarios]
    results = results_of(scenarios, runs, seed=0)
    whole = simulate(scenarios, 12, 0)
    said = met_in(results)
    assert said == met_in(whole)
    assert [each.split(", “")[0] for each in said] == ["Under “Your scenario”"]
    assert said[0] in sentences(results, compare(results))
    assert runs[0].told is None


def test_of_runs_without_events_nothing_is_said_of_triggers() -> None:
    scenario = read("from=after_an_incident")[0].scenario
    values = np.full((4, scenario.months, len(NAMES)), 0.5)
    assert met_in(results_of([scenario], [Runs(values)], seed=0)) == []


# ---- pictures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "title", "told"), [
    ("from=phase_in", "Subsidy in the US",
     "$10bn a year; rises to $50bn a year from 2027-01 to 2029-12; $10bn a year from 2034-01"),
    ("from=after_an_incident", "Strictness of rules (US)", "0.15; 0.8 while “US answers an incident” is in force"),
    ("from=after_an_incident", "Strictness of rules (EU)", "0.15; 0.8 from 2027-01"),
    ("regulation.strictness=0.4&pin.regulation.strictness=0.4&change.x.date=2026-01&change.x.regulation.strictness=0.9",
     "Strictness of rules", "0.4; 0.9 from 2026-01"),
    (STEP, "Strictness of rules (EU and China)", "0.45; 0.9 from 2027-01"),
    ("change.x.date=2027-01&change.x.regulation.information=public", "What labs know of each other",
     "private; public from 2027-01"),
    ("when.x.outcome=hostility&when.x.above=0.6&when.x.capital.conversion_allowed=false", "Conversion allowed",
     "yes; no for good once “x” comes into force"),
    ("change.x.date=2028-03&change.x.over_months=7&change.x.regulation.exempt_below_flop=1e25",
     "Exempt below training compute of", "nobody exempt; rises to 10²⁵ FLOP from 2028-03 to 2028-09"),
])
def test_a_lever_that_policies_move_is_told_over_time(query: str, title: str, told: str) -> None:
    view = read(query)[0]
    found = {each["title"]: each["told"] for each in pictures(view.scenario, view.baseline)}
    assert found[title] == told


def test_a_picture_has_its_text_for_a_screen_reader_and_says_what_waits() -> None:
    view = read("from=after_an_incident")[0]
    waits, dated = pictures(view.scenario, view.baseline)
    assert f"<desc id=\"timeline-0-d\">{waits['told']}</desc>" in waits["svg"]
    assert (">waits</text>" in waits["svg"], ">waits</text>" in dated["svg"]) == (True, False)


def test_the_baseline_is_drawn_where_its_schedule_differs() -> None:
    view = read("from=phase_in&change.subsidy.over_months=12")[0]
    assert ["var(--s0)" in each["svg"] for each in pictures(view.scenario, view.baseline)] == [True]
    assert ["var(--s0)" in each["svg"] for each in pictures(view.scenario, view.scenario)] == [False]


def test_a_name_in_a_picture_cannot_break_out_of_it() -> None:
    view = decided(View(), "when", "<script>&", US_ANSWERS)
    assert "<script>" not in pictures(view.scenario, view.baseline)[0]["svg"]


def test_a_timeline_has_the_months_of_the_run_and_nothing_else_moves() -> None:
    view = read("from=mutual_truce")[0]
    found = timelines(view.scenario)
    assert sorted(found) == ["trade.chip_controls", "trade.mineral_retaliation"]
    assert {len(line.scheduled) for line in found.values()} == {view.scenario.months}
    assert timelines(View().scenario) == {}
