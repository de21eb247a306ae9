"""A link holds the view: it is made from it, read back from it, and refused in part with a sentence."""

from __future__ import annotations

import pytest

from sim.app.levers import MAIN, catalogue, in_words, lever_of, value_of
from sim.app.view import CHARTS, PINNED, YOURS, View, for_everybody, read
from sim.model.parameters import JURISDICTIONS, levers


def test_the_first_view_has_an_empty_link_and_no_lever_moved() -> None:
    view, refused = read("")
    assert (view.query(), refused, view.unmoved) == ("", [], True)


@pytest.mark.parametrize("query", [
    "regulation.strictness=0.8",
    "from=strict_rivalry&diplomacy.us_china_cooperation=0.9",
    "regulation.us.strictness=0.6&regulation.exempt_below_flop=1e%2B25",
    "capital.conversion_allowed=false&regulation.information=public",
    "regulation.strictness=0.8&anonymous=yes",
    "structure.powers=any&structure.imitation=gated%200.5,%20delay%200.5",
    "regulation.strictness=0.8&pin.trade.chip_controls=0&seed=7&run=12&map=small_labs&charts=hostility,trust",
])
def test_a_link_opens_the_view_that_it_was_made_from(query: str) -> None:
    view, refused = read(query)
    assert refused == []
    assert read(view.query()) == (view, [])
    assert view.query().replace("%2B", "") == query.replace("%2B", "")


@pytest.mark.parametrize(("query", "said"), [
    ("regulation.strictness=7", "regulation.strictness is a number from 0 to 1; where it is not set"),
    ("regulation.strictness=nan", "a number from 0 to 1"),
    ("capital.conversion_allowed=yes", "true or false"),
    ("regulation.information=secret", 'one of "none", "private", "public"'),
    ("structure.powers=payoffs%200.5", "the weights add up to 0.5"),
    ("structure.powers=gods", 'one of "payoffs", "hazards", "any"'),
    ("regulation.strictnes=1", "did you mean 'regulation.strictness'?"),
    ("regulation.mars.strictness=1", "nothing is called"),
    ("from=baselin", "did you mean 'baseline'?"),
    ("seed=-1", "seed is a whole number from 0 to"),
    ("run=1e3", "run is a whole number from 0 to 9999"),
    ("map=small_lab", "did you mean 'small_labs'?"),
    ("charts=", "1 to 6 outcomes"),
    ("anonymous=true", "anonymous is yes or no, not 'true'"),
])
def test_a_bad_part_of_a_link_is_refused_in_a_sentence_and_the_rest_is_kept(query: str, said: str) -> None:
    view, refused = read(f"{query}&diplomacy.us_china_cooperation=0.9")
    assert len(refused) == 1
    assert said in refused[0]
    assert refused[0].endswith(("is left as it was.", "baseline is used."))
    assert view.query() == "diplomacy.us_china_cooperation=0.9"


def test_a_cockpit_for_a_class_names_nobody_whatever_a_link_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(for_everybody, "anonymous", True)
    for view in (View(), read("anonymous=no")[0], View().ask(anonymous="no")):
        assert view.anonymous
        assert view.baseline.anonymous
        assert view.scenario.anonymous
        assert "--anonymous" in view.command


def test_minus_zero_is_zero() -> None:
    assert read("regulation.strictness=-0")[0].query() == "regulation.strictness=0"


def test_an_endless_link_is_ignored_and_said_so() -> None:
    view, refused = read("a=1&" * 5000)
    assert (view, len(refused)) == (View(), 1)


def test_a_lever_moved_back_leaves_the_link() -> None:
    moved = View().move("trade.chip_controls", "0.5")
    assert moved.query() == "trade.chip_controls=0.5"
    assert moved.move("trade.chip_controls", "1").query() == ""
    assert moved.move("trade.chip_controls", None).query() == ""


def test_the_mean_of_the_rules_in_force_is_not_what_each_jurisdiction_has() -> None:
    moved = View().move("regulation.strictness", "0.29")
    assert moved.query() == "regulation.strictness=0.29"
    assert moved.scenario.levers["regulation.us.strictness"] == 0.29
    assert View().scenario.levers["regulation.us.strictness"] == 0.1
    assert moved.move("regulation.strictness", None).query() == ""


def test_a_jurisdiction_follows_the_world_until_it_is_moved_itself() -> None:
    strict = View().move("regulation.strictness", "0.8")
    assert strict.scenario.levers["regulation.us.strictness"] == 0.8
    apart = strict.move("regulation.us.strictness", "0.35")
    assert apart.scenario.levers["regulation.us.strictness"] == 0.35
    assert apart.scenario.levers["regulation.eu.strictness"] == 0.8


def test_pinning_makes_the_present_scenario_the_baseline_and_reset_goes_back_to_it() -> None:
    pinned = View().move("regulation.strictness", "0.8").pin()
    assert pinned.unmoved
    assert pinned.baseline.title == PINNED
    assert pinned.query() == "regulation.strictness=0.8&pin.regulation.strictness=0.8"
    on = pinned.move("trade.chip_controls", "0")
    assert on.baseline.levers["regulation.strictness"] == 0.8
    assert not on.unmoved
    assert on.scenario.title == YOURS
    assert on.reset().scenario.levers == pinned.baseline.levers


def test_every_lever_stands_on_the_page_once_and_the_main_ones_come_first() -> None:
    groups = catalogue()
    drawn = [lever["path"] for group in groups for lever in group["levers"]]
    assert sorted(drawn) == sorted(levers())
    assert tuple(lever["path"] for lever in groups[0]["levers"]) == MAIN
    places = [place["path"] for group in groups for lever in group["levers"] for place in lever.get("places", ())]
    assert set(drawn) | set(places) == set(View().scenario.levers)
    assert len(places) % len(JURISDICTIONS) == 0


def test_every_slider_reaches_from_the_lowest_to_the_highest_value_in_steps_that_can_be_seen() -> None:
    for group in catalogue():
        for lever in group["levers"]:
            if lever["kind"] == "number":
                known = levers()[lever["path"]]
                assert (lever["low"], lever["high"]) == (known.low, known.high)
                assert 16 <= (lever["last"] - lever["first"]) / lever["step"] <= 200, lever["path"]


@pytest.mark.parametrize(("path", "value", "words"), [
    ("regulation.strictness", 0.35, "0.35"),
    ("regulation.us.exempt_below_flop", 0.0, "nobody exempt"),
    ("regulation.exempt_below_flop", 1e25, "10²⁵ FLOP"),
    ("subsidy.us_usd_bn_per_year", 52.5, "$52.5bn a year"),
    ("regulation.penalty_share_of_revenue", 0.03, "3%"),
    ("litigation.filing", 2.0, "2 ×"),
    ("capital.conversion_allowed", False, "no"),
])
def test_a_value_is_told_with_its_unit(path: str, value: float, words: str) -> None:
    assert in_words(path, value) == words


def test_a_value_comes_back_from_text_in_its_own_type() -> None:
    assert value_of("capital.conversion_allowed", "true") is True
    assert value_of("regulation.exempt_below_flop", "1e25") == 1e25
    with pytest.raises(KeyError):
        lever_of("trade.us.chip_controls")


def test_at_first_as_many_charts_are_shown_as_fit_on_a_screen() -> None:
    assert len(CHARTS) == 6
