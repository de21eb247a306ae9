"""The start of January 2026: what each number rests on, and that a run goes on from there as the record came to it."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from math import log10
from typing import Any

import numpy as np
import pytest

from sim import Results, Scenario, simulate
from sim.model.parameters import DATA, evidence, in_force, parameters
from sim.model.start_files import load_start
from sim.model.state import KINDS

NAME = "2026-01"
START = load_start(NAME)
TEXT = (DATA / "starts" / f"{NAME}.toml").read_text(encoding="utf-8")
RUNS, SEED = 200, 1
ROWS = [(kind, row) for kind in ("lab", "founder", "regulator", "nation", "suit") for row in START[kind]]
# What the head of the file calls a judgement for all.
TRAITS = {"reputation", "openness", "mission_weight", "safety_effort", "combativeness", "political_access", "grievance",
          "wealth_usd_bn"}
LABS = {row["name"]: row for row in START["lab"]}
# Known from the month in which it was agreed, though it runs on.
AGREED = {"truce_length_2025"}


def label(given: Any) -> str:
    return f"{given[0]} {given[1]['name']}"


def numbers(row: dict[str, Any]) -> set[str]:
    """Keys of a row that say something in numbers, with those of each nation in a table."""
    return {key for key, value in row.items() if isinstance(value, dict | float | int) and not isinstance(value, bool)}


# ---- what it rests on ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("given", ROWS, ids=label)
def test_every_number_of_a_row_rests_on_evidence_or_is_called_a_judgement(given: tuple[str, dict[str, Any]]) -> None:
    kind, row = given
    judged = set(row.get("judged", ()))
    assert judged <= set(row), "judged, but not there"
    on_record = numbers(row) - judged - TRAITS
    if row.get("form") == "division":  # it has no price and raises nothing
        on_record -= {key for key in ("valuation_usd_bn", "raised_usd_bn") if row[key] == 0.0}
    assert row.get("sources") or not on_record, f"neither on record nor judged: {sorted(on_record)}"
    assert judged.isdisjoint(TRAITS), "said at the head of the file"
    if judged and kind in ("lab", "regulator", "suit"):
        above = TEXT[:TEXT.index(f'[[{kind}]]\nname = "{row["name"]}"\n')].rstrip("\n").splitlines()[-1]
        assert above.startswith("# "), "no comment says why"


def test_the_head_says_of_all_traits_that_they_are_judgements() -> None:
    head = " ".join(TEXT[:TEXT.index("start =")].replace("#", " ").split())
    assert [trait for trait in TRAITS if trait not in head] == []


def test_every_number_of_the_whole_industry_names_its_rows_or_is_called_a_judgement() -> None:
    table = TEXT[TEXT.index("start ="):TEXT.index("[[lab]]")]
    said, found = "", []
    for line in table.splitlines():
        if line.startswith("#"):
            said = line if not said.startswith("#") else f"{said} {line}"
        elif "=" in line and not line.startswith("start"):
            found.append(line)
            named = set(re.findall(r"[\w-]+", said)) & set(evidence())
            assert named or "judgement" in said or "as in 2025-01.toml" in said, line
        if not line.startswith("#") and not line.startswith("reference"):
            said = ""
    assert len(found) == 9


def used() -> set[str]:
    """Evidence that the file names, in its rows or in its comments."""
    return {row for _, fields in ROWS for row in fields.get("sources", ())} | (
        set(re.findall(r"[\w-]+", TEXT)) & set(evidence()))


def test_every_source_is_a_row_of_the_evidence_and_none_is_named_twice() -> None:
    for kind, row in ROWS:
        sources = row.get("sources", [])
        assert sorted(set(sources) - set(evidence())) == [], label((kind, row))
        assert len(sources) == len(set(sources)), label((kind, row))


def test_nothing_that_it_rests_on_is_later_than_january_2026() -> None:
    dated = {name: str(evidence()[name].get("date", evidence()[name].get("period", ""))) for name in used()}
    dated |= {name: dated[name].partition("/")[0] for name in AGREED}
    assert len(dated) > 80
    late = {name: date for name, date in dated.items()
            if any(month > "2026-01" for month in re.findall(r"20\d\d(?:-\d\d)?", date) if month != "2026")}
    assert late == {}


def _billion(row: str, field: str = "value") -> float:
    return float(evidence()[row][field])


@pytest.mark.parametrize(("lab", "key", "figure"), [
    ("OpenAI", "revenue_usd_bn", _billion("rev_openai_2025-12-31")),
    ("OpenAI", "cash_usd_bn", _billion("cash_openai_2025-12-31")),
    ("OpenAI", "valuation_usd_bn", _billion("fu_openai_2025-12-11", "post_money_usd_bn")),
    ("OpenAI", "largest_run_log10_flop", log10(_billion("fm_gpt_4_5", "training_flop"))),
    ("Anthropic", "revenue_usd_bn", _billion("rev_anthropic_2025-12-31")),
    ("Anthropic", "cash_usd_bn", _billion("cash_anthropic_2025-12-31")),
    ("Anthropic", "valuation_usd_bn", _billion("fu_anthropic_2025-11-18", "post_money_usd_bn")),
    ("xAI", "revenue_usd_bn", _billion("rev_xai_2025-09-30")),
    ("xAI", "compute_h100e", _billion("h100e_xai_2025-12-31")),
    ("xAI", "valuation_usd_bn", _billion("fu_xai_2026-01-06", "post_money_usd_bn")),
    ("xAI", "largest_run_log10_flop", log10(_billion("rec_maxrun_2025"))),
    ("Meta AI", "largest_run_log10_flop", log10(_billion("fm_llama_4_behemoth_preview", "training_flop"))),
    ("Mistral AI", "valuation_usd_bn", _billion("fu_mistral_2025-09-09", "post_money_usd_bn")),
    ("Safe Superintelligence", "valuation_usd_bn", _billion("fu_safe_2025-04-12", "post_money_usd_bn")),
    ("Thinking Machines Lab", "valuation_usd_bn", _billion("fu_thinking_2025-07-15", "post_money_usd_bn")),
    ("Reflection AI", "valuation_usd_bn", _billion("fu_reflection_2025-10-09", "post_money_usd_bn")),
    ("Cohere", "revenue_usd_bn", _billion("rec_rev_cohere_2025-12")),
    ("Alibaba Qwen", "largest_run_log10_flop", log10(_billion("fm_qwen3_max", "training_flop"))),
    ("DeepSeek", "largest_run_log10_flop", log10(_billion("rec_fm_deepseek_v3_2_2025-12-01", "training_flop"))),
    ("Moonshot AI", "largest_run_log10_flop", log10(_billion("fm_k2_thinking", "training_flop"))),
    ("Zhipu", "largest_run_log10_flop", log10(_billion("fm_glm46", "training_flop"))),
    ("Moonshot AI", "valuation_usd_bn", _billion("fu_moonshot_2025-12-31", "post_money_usd_bn")),
])
def test_what_is_on_record_stands_as_it_is_there(lab: str, key: str, figure: float) -> None:
    assert LABS[lab][key] == pytest.approx(figure, abs=0.005)


def test_sums_are_those_on_record() -> None:
    traded = sum(row["imported_stock"] for row in START["nation"])
    assert traded == pytest.approx(1e6 * _billion("chip_stock_nv_tpu_2025q4"), rel=0.001)
    parents = sum(row["parent_cash_flow_usd_bn"] for row in START["lab"] if row.get("big4"))
    assert parents == pytest.approx(_billion("rec_ocf_big4_2025"), rel=0.001)
    assert sum(row["power_gw"] for row in START["nation"]) == pytest.approx(_billion("ai_dc_power_2025"), rel=0.01)
    assert sum(row["market_size"] for row in START["nation"]) == pytest.approx(1.0)
    assert sum(row["capital_share"] for row in START["nation"]) == pytest.approx(1.0)
    us, china = START["nation"][:2]
    in_china = (china["imported_stock"] + china["domestic_stock"]) / (traded + china["domestic_stock"])
    assert in_china == pytest.approx(0.01 * _billion("china_share_world_compute_owned"), abs=0.005)
    assert us["capital_share"] / china["capital_share"] == pytest.approx(
        _billion("aiindex_inv_us_2025") / _billion("aiindex_inv_cn_2025"), rel=0.05)
    before = load_start("2025-01")
    assert START["chip_price_usd"] == pytest.approx(before["chip_price_usd"] * _billion("chip_price_index_2025-12"))


def test_what_is_spent_on_chinas_labs_is_its_part_of_the_market() -> None:
    """Else the first months would move sales from one bloc to the other."""
    free = parameters()["open_weights_free"].default
    spent = {row["name"]: row["revenue_usd_bn"] / (1.0 - free * row["openness"]) for row in START["lab"]}
    in_china = sum(spent[name] for name, row in LABS.items() if row["nation"] == "China")
    assert in_china / sum(spent.values()) == pytest.approx(START["nation"][1]["market_size"], abs=0.01)


def test_it_has_the_form_of_the_start_before_it() -> None:
    before = load_start("2025-01")
    assert set(START) == set(before)
    quantities = {kind.name: {q.start for q in kind.quantities.values()} for kind in KINDS}
    for kind, row in ROWS:
        known = {key for other in before[kind] for key in other} | {"judged", "sources"}
        known |= quantities.get(f"{kind}s", set()) | ({"run_months"} if kind == "lab" else set())
        assert set(row) <= known, label((kind, row))
    for key in ("reference_revenue_usd_bn", "reference_market_usd_bn", "reference_chips_h100e"):
        assert START[key] == before[key]  # parameters are stated for January 2025, whatever the start


# ---- how it goes on --------------------------------------------------------------------------------------------------
@cache
def run_on(uncertainty: str = "posterior") -> Results:
    scenario = Scenario.from_dict({"title": "From 2026", "start": NAME, "months": 12})
    return simulate(scenario, runs=RUNS, seed=SEED, uncertainty=uncertainty, events=False)


def after(outcome: str, month: int) -> float:
    """Median over runs at the end of a month, the first being 1."""
    return float(np.median(run_on().outcome(outcome)[0, :, month - 1]))


def capex_of_quarter(quarter: str) -> float:
    return 4.0 * _billion(f"capex_big4_2025{quarter}")


def test_ten_years_run_from_it() -> None:
    scenario = Scenario.from_dict({"title": "Ten years from 2026", "start": NAME, "months": 120})
    results = simulate(scenario, runs=40, seed=SEED, uncertainty="posterior")
    assert results.values.shape[:3] == (1, 40, 120)
    assert np.isfinite(results.values).all()
    assert results.dates[0] == "2026-01"
    assert results.dates[-1] == "2035-12"


def test_capital_spending_grows_in_the_first_quarter_as_it_did_in_2025() -> None:
    quarters = [capex_of_quarter(q) for q in ("q1", "q2", "q3", "q4")]
    fastest = max(late / early for early, late in pairwise(quarters))  # 1.24
    first = np.mean([after("big4_capex_usd_bn", month) for month in (1, 2, 3)])
    assert 1.0 <= first / quarters[-1] <= fastest


def test_the_stock_of_chips_grows_in_the_first_quarter_as_it_did_at_the_end_of_2025() -> None:
    """Between what the last quarter added, less what is retired (the record scraps nothing), and its growth."""
    last, before = _billion("chip_stock_nv_tpu_2025q4"), _billion("chip_stock_nv_tpu_2025q3")
    least = 1.0 + (last - before) / last - parameters()["compute_retired"].default / 4.0  # 1.18
    at_start = sum(row["imported_stock"] + row.get("domestic_stock", 0.0) for row in START["nation"])
    assert least <= after("chip_stock_h100e", 3) / at_start <= last / before  # 1.29


def test_the_leaders_revenue_grows_in_the_first_quarters_as_it_did_in_2025() -> None:
    """On record: 1.35 a quarter from August to December 2025, 1.4 over the year."""
    first = after("leader_revenue_usd_bn", 3) / LABS["OpenAI"]["revenue_usd_bn"]
    second = after("leader_revenue_usd_bn", 6) / after("leader_revenue_usd_bn", 3)
    assert 1.2 <= first <= 1.6
    assert 1.2 <= second <= 1.6


@pytest.mark.parametrize(("outcome", "low", "high"), [
    ("big4_capex_usd_bn", 508.0, 1.24 * 508.0),  # no more than the fastest quarter of 2025 makes of its last
    ("chip_stock_h100e", 1.05 * 18.1e6, 1.10 * 18.1e6),  # a third of a quarter's growth
    ("chip_sales_usd_bn", 0.95 * 511.0, 1.10 * 511.0),  # capacity at the price, and own plants
    ("chip_price_index", 1.0, 1.0),
    ("leader_revenue_usd_bn", 0.98 * 21.4, 1.17 * 21.4),
    ("challenger_to_leader_revenue", 0.40, 0.44),  # 9.0 over 21.4
    ("us_revenue_share", 0.875, 0.891),  # 0.883 of the start's sales
    ("leader_valuation_usd_bn", 475.0, 551.0),  # at most a twelfth of the growth of 2025, from 157
    ("top_lab_capital_usd_bn", 61.9, 66.0),
    ("largest_run_log10_flop", 26.69, 26.75),
    ("frontier_log10_flop", 27.2, 27.25),
    ("us_china_lag_months", 7.0, 8.3),  # a month without a release passes
    ("china_traded_chip_share", 0.021, 0.025),
    ("china_chip_share", 0.045, 0.049),
    ("export_control", 0.55, 0.55),
    ("retaliation", 0.24, 0.25),
    ("hostility", 0.48, 0.52),
    ("trust", 0.24, 0.26),
    ("suits_open", 4.0, 4.0),
    ("active_labs", 24.0, 24.0),
    ("defence_labs_share", 1.0, 1.0),
    ("incidents_reported", 25.0, 40.0),  # 362 in 2025, rising
    ("short_of_power", 0.0, 0.0),
])
def test_the_first_month_does_not_jump(outcome: str, low: float, high: float) -> None:
    assert low - 1e-9 <= after(outcome, 1) <= high + 1e-9


@pytest.mark.parametrize(("outcome", "regulator"),
                         [("strictness_us", "us"), ("strictness_eu", "eu"), ("strictness_china", "china")])
def test_the_law_in_force_is_that_of_the_start(outcome: str, regulator: str) -> None:
    assert after(outcome, 1) == in_force(NAME, "strictness")[regulator]


def test_the_truce_holds_until_its_month_and_then_goes_on_or_gives_back_what_it_suspended() -> None:
    us, china = START["nation"][:2]
    until = us["truce_months"]
    assert until == china["truce_months"] == 10  # from October 2025, for a year, to November 2026
    scenario = Scenario.from_dict({"title": "Truce", "start": NAME, "months": 12})
    results = simulate(scenario, runs=100, seed=SEED, uncertainty="luck")
    controls, bans = (results.outcome(name)[0] for name in ("export_control", "retaliation"))
    held = slice(0, until - 1)
    assert (controls[:, held] == us["export_control"]).all()  # no new steps while it holds
    assert (np.diff(bans[:, held], axis=1) <= 0.0).all()
    told = results.events
    in_november = told[told["month"] == until - 1]
    at_its_month = set(in_november["run"][in_november["kind"] == "truce_ends"])
    assert at_its_month
    for run in at_its_month:
        assert controls[run, until - 1] == pytest.approx(us["export_control"] + us["control_suspended"])
        assert bans[run, until - 1] - bans[run, until - 2] == pytest.approx(china["ban_suspended"], abs=0.02)
    renewed = set(in_november["run"][in_november["kind"] == "truce"])
    assert at_its_month | renewed == set(range(100))
