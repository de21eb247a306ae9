"""The data files say what can be set, and every entry is complete."""

import math
import re
from pathlib import Path

import pytest

from sim import parameters as parameters_function
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import (
    JURISDICTIONS,
    _parameter,
    attributes,
    event_kinds,
    evidence,
    find,
    graded,
    levers,
    parameters,
    start_rows,
    starts,
)

FIELDS = {"kind": "uncertainty", "default": 0.5, "low": 0.0, "high": 1.0, "unit": "0-1", "text": "text",
          "assumption": "no measure exists", "grade": "assumption", "changes_our_mind": "A measure"}
ROWS = ["compute_growth_notable"]
EVERYTHING = [*levers().values(), *parameters().values(), *attributes().values()]


def test_every_entry_has_a_meaning_and_a_unit() -> None:
    assert [p.path for p in EVERYTHING if not p.text or not p.unit] == []


def test_every_default_lies_within_its_range_and_every_range_is_finite() -> None:
    numbers = [p for p in EVERYTHING if p.type == "number" and p.kind in ("lever", "uncertainty")]
    assert len(numbers) > 100
    assert [p.path for p in numbers if not p.low <= p.default <= p.high] == []
    assert [p.path for p in numbers if not p.low < p.high or math.isinf(p.low) or math.isinf(p.high)] == []


def test_every_parameter_names_its_evidence_or_admits_to_be_an_assumption() -> None:
    assert [name for name, p in parameters().items() if not p.evidence and not p.assumption] == []


def test_every_lever_says_which_claims_of_the_article_it_turns() -> None:
    rows = {f"S{n}" for n in range(1, 22)}
    assert [path for path, lever in levers().items() if not lever.s_rows or set(lever.s_rows) - rows] == []


def test_parameter_names_are_unique_because_a_scenario_uses_the_bare_name() -> None:
    names = [p.path.rpartition(".")[2] for p in parameters().values()]
    assert len(names) == len(set(names))


def test_evidence_is_found_by_id() -> None:
    fact = evidence()["compute_growth_notable"]
    assert fact["value"] == 4.7
    assert fact["unit"] == "x_per_year"


def test_what_a_scenario_may_change_in_an_agent_is_a_field_of_the_start_file_or_of_its_founders() -> None:
    rows = start_rows("2025-01")
    fields = {group: {field for row in rows[group].values() for field in row} for group in rows}
    fields["labs"] |= {"combativeness", "political_access"}  # they hold for the founders at home in the lab
    for path in attributes():
        group, _, name = path.partition(".")
        assert name in fields[group], path


def test_an_attribute_limited_to_some_agents_names_agents_that_exist() -> None:
    for parameter in attributes().values():
        group = parameter.path.partition(".")[0]
        assert set(parameter.names) <= set(start_rows("2025-01")[group])


def test_every_kind_of_event_says_what_its_severity_means() -> None:
    kinds = event_kinds()
    assert {"taiwan_disruption", "severe_incident", "market_bust", "breakthrough", "chip_control_step",
            "mineral_ban", "truce", "new_law", "power_shortage", "subsidy_law"} == set(kinds)
    assert all("severity" in kind.text for kind in kinds.values())
    assert kinds["chip_control_step"].names == ("US", "China")


def test_find_lists_the_exact_name_first_and_then_every_match_of_all_words() -> None:
    assert find("strictness")[0].path == "regulation.strictness"
    assert find("regulation.strictness")[0].path == "regulation.strictness"
    assert "litigation.injunctions" in [p.path for p in find("injunction granted")]
    assert find("no such thing anywhere") == []


def test_a_lever_describes_what_may_be_written() -> None:
    in_force = "a number from 0 to 1; where it is not set, what is in force at the start"
    assert levers()["regulation.strictness"].describe() == in_force
    assert levers()["capital.conversion_allowed"].describe() == "true or false, default true"
    assert levers()["regulation.information"].describe() == \
        'one of "none", "private", "public", default "private"'


@pytest.mark.parametrize(("change", "message"), [
    ({"default": 2.0}, "outside"),
    ({"evidence": ["no_such_fact"]}, "no_such_fact"),
    ({"text": ""}, "text is missing"),
    ({"unit": None}, "unit is missing"),
    ({"low": None}, "low or high is missing"),
    ({"defualt": 1.0}, "unknown field defualt"),
    ({"kind": "guess"}, "'guess'"),
    ({"default": "0.5"}, "must be numbers"),
    ({"choices": ["a", "b"], "default": "c"}, "not among the choices"),
])
def test_a_wrong_entry_of_a_data_file_is_named(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        _parameter("parameters.toml: [a.b]", "a.b", FIELDS | change, None)
    assert "parameters.toml: [a.b]" in str(caught.value)


@pytest.mark.parametrize(("change", "message"), [
    ({"grade": None}, "grade is missing; one of measures, bears, analogy, assumption"),
    ({"grade": "good"}, "grade 'good' is unknown"),
    ({"assumption": ""}, "grade assumption needs `assumption`"),
    ({"evidence": ROWS}, "grade assumption goes without evidence"),
    ({"step": "Twice the figure"}, "grade assumption goes without step"),
    ({"grade": "measures"}, "grade measures needs evidence"),
    ({"grade": "measures", "evidence": ROWS}, "grade measures goes without `assumption`"),
    ({"grade": "bears", "evidence": ROWS, "assumption": ""}, "grade bears needs a step"),
    ({"grade": "analogy", "evidence": ROWS, "assumption": ""}, "grade analogy needs a step"),
    ({"changes_our_mind": ""}, "changes_our_mind is missing"),
])
def test_a_grade_that_does_not_go_with_its_evidence_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        _parameter("parameters.toml: [a.b]", "a.b", FIELDS | change, None)
    assert "parameters.toml: [a.b]" in str(caught.value)


def test_what_is_measured_needs_no_step_and_a_lever_has_no_grade() -> None:
    measured = FIELDS | {"grade": "measures", "evidence": ROWS, "assumption": ""}
    assert _parameter("parameters.toml: [a.b]", "a.b", measured, None).grade == "measures"
    with pytest.raises(ValueError, match=r"\[a.b\]: grade is for uncertainties and constants, not for a lever"):
        _parameter("levers.toml: [a.b]", "a.b", FIELDS, "lever")


def test_every_parameter_has_a_grade_and_says_what_would_move_it() -> None:
    assert sum(graded().values()) == len(parameters())
    told = [text for p in parameters().values() for text in (p.step, p.changes_our_mind)]
    assert [text for text in told if text != text.strip() or text.endswith(".")] == []  # as `text` has it
    assert all(not p.grade for p in [*levers().values(), *attributes().values()])


def test_the_default_start_exists_and_names_its_agents() -> None:
    assert "2025-01" in starts()
    rows = start_rows("2025-01")
    assert {"OpenAI", "xAI", "DeepSeek"} <= set(rows["labs"])
    assert {"Sam Altman", "Elon Musk"} <= set(rows["founders"])
    assert {"US", "China"} <= set(rows["nations"])
    assert rows["nations"]["US"]["hostility"] >= 0


def test_jurisdictions_are_the_regulators_of_the_start_file() -> None:
    import tomllib

    from sim.model.parameters import DATA

    data = tomllib.loads((DATA / "starts" / "2025-01.toml").read_text(encoding="utf-8"))
    assert [row["name"] for row in data["regulator"]] == list(JURISDICTIONS)


def test_the_public_names_are_functions() -> None:
    import sim

    assert sim.parameters is parameters_function
    assert sim.parameters() is parameters()
    assert sim.levers() is levers()
    assert sim.OUTCOMES is OUTCOMES
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sim.nothing  # noqa: B018


def test_evidence_that_reaches_beyond_2024_is_tagged_and_counted_where_the_blind_test_is_told() -> None:
    goals_set_before = {"pdufa_review_months", "device_review_days"}
    facts = {name: row for name, row in evidence().items() if "period" in row}
    late = {name for name, row in facts.items() if re.search(r"202[5-9]", row["period"])} - goals_set_before
    assert {name for name, row in facts.items() if row.get("after_2024")} == late
    citing = [parameter for parameter in parameters().values() if late & set(parameter.evidence)]
    told = " ".join((Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8").split())
    assert f"{len(late)} rows of `sim/data/evidence.toml` reach into it" in told
    assert f"{len(citing)} parameters cite one" in told
