"""Commands about scenario files: validate, new, diff, schema, params; and where a name leads."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from sim.model.parameters import levers, parameters, show
from sim.scenario.scenario import Scenario
from sim.scenario.schema import CHANGE_KEYS, EVENT_KEYS, WHEN_KEYS

# ---- validate ----------------------------------------------------------------------------------------


def test_a_valid_file_gets_one_line_with_title_and_levers_set(airace):
    result = airace("validate", "short.toml", "strict.toml")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "OK  short.toml: Short (no lever set)",
        "OK  strict.toml: Strict (1 lever set)",
    ]


def test_an_invalid_file_shows_everything_wrong_in_its_place_and_exits_3(airace):
    result = airace("validate", "wrong.toml", "short.toml")
    assert result.exit_code == 3
    assert result.stdout == "OK  short.toml: Short (no lever set)\n"  # one bad file does not hide a good one
    assert "wrong.toml:3:1" in result.stderr
    assert "did you mean `strictness`?" in result.stderr
    assert "wrong.toml:5:" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["absent.toml", "baselin", "no/such/folder.toml", "."])
def test_a_file_that_is_not_there_exits_4(airace, name):
    result = airace("validate", name)
    assert result.exit_code == 4
    assert "error" in result.stderr


def test_a_misspelt_shipped_name_is_suggested(airace):
    assert "did you mean `baseline`?" in airace("validate", "baselin").stderr


def test_set_is_checked_like_a_file(airace):
    assert airace("validate", "short.toml", "--set", "regulation.strictness=0.5").stdout.endswith(
        "(1 lever set)\n"
    )
    wrong = airace("validate", "short.toml", "--set", "regulation.strictness=7")
    assert wrong.exit_code == 3
    assert "regulation.strictness" in wrong.stderr


def test_a_name_prints_as_text_not_as_markup_or_control(airace, folder):
    title = r"[red]a[/] <script>\u001b[31m\u202eend"
    (folder / "odd.toml").write_text(f'title = "{title}"\n')
    result = airace("validate", "odd.toml")
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    if (
        result.exit_code == 0
    ):  # a title with control characters may also be refused; either way it prints harmlessly
        assert "[red]a[/] <script>" in result.stdout


# ---- names -------------------------------------------------------------------------------------------


def test_a_file_of_a_shipped_name_goes_first_and_the_command_says_so(airace, folder):
    assert "note:" not in airace("validate", "baseline").stderr
    (folder / "baseline.toml").write_text('title = "Mine"\n')
    mine = airace("validate", "baseline")
    assert "OK  baseline: Mine" in mine.stdout
    assert "note: baseline is the file baseline.toml of this folder" in mine.stderr


def test_a_path_never_falls_back_to_a_shipped_scenario(airace):
    assert airace("validate", "./sub/baseline.toml").exit_code == 4
    assert airace("validate", "./baseline").exit_code == 4


# ---- new ---------------------------------------------------------------------------------------------


def test_a_new_file_is_valid_and_carries_the_title(airace):
    result = airace("new", "my_first.toml")
    assert result.exit_code == 0
    assert result.stdout == "my_first.toml\n"
    assert Scenario.load("my_first.toml").title == "My first"
    assert airace("new", "other.toml", "--title", 'Quo"ted').exit_code == 0
    assert Scenario.load("other.toml").title == 'Quo"ted'


@pytest.mark.parametrize("name", ["baseline", "strict_rivalry"])
def test_a_new_file_extends_a_shipped_scenario_by_the_name_that_was_asked_for(airace, name):
    assert airace("new", "mine.toml", "--from", name).exit_code == 0
    assert tomllib.loads(Path("mine.toml").read_text())["extends"] == name
    assert airace("validate", "mine.toml").exit_code == 0
    assert airace("new", "baseline.toml").exit_code == 0  # of that name itself: it extends the shipped one
    assert airace("validate", "baseline.toml").exit_code == 0


def test_a_new_file_shows_every_lever_with_its_value_range_and_meaning_and_is_short(airace):
    assert airace("new", "mine.toml", "--from", "strict_rivalry").exit_code == 0
    text = Path("mine.toml").read_text()
    for lever in levers().values():
        line = next(line for line in text.splitlines() if line.startswith(f"# {lever.name} = ") and lever.text in line)
        assert lever.range in line
        assert show(lever.default) in line
    assert "# strictness = 0.8 " in text  # what holds here; the default stands beside it
    assert all(part in text for part in ("# Asks:", "# Look for:", "# [[event]]", "# [uncertainty]"))
    assert len(text.splitlines()) < 90


def test_a_new_file_extends_a_parent_beside_it(airace):
    assert airace("new", "mine.toml", "--from", "strict.toml").exit_code == 0
    assert tomllib.loads(Path("mine.toml").read_text())["extends"] == "strict"
    assert Scenario.load("mine.toml").levers == Scenario.load("strict.toml").levers


def test_a_new_file_holds_the_settings_of_a_parent_elsewhere(airace):
    Path("sub").mkdir()
    assert airace("new", "sub/mine.toml", "--from", "strict.toml").exit_code == 0
    assert Scenario.load("sub/mine.toml").levers == Scenario.load("strict.toml").levers


def test_new_overwrites_only_with_force(airace):
    before = Path("short.toml").read_text()
    refused = airace("new", "short.toml")
    assert refused.exit_code == 4
    assert "--force" in refused.stderr
    assert Path("short.toml").read_text() == before
    assert airace("new", "short.toml", "--force").exit_code == 0
    assert Path("short.toml").read_text() != before


def test_new_refuses_names_that_are_not_toml_and_folders_that_are_not_there(airace):
    assert airace("new", "notes.txt").exit_code == 2
    assert airace("new", "absent/my.toml").exit_code == 4
    assert airace("new", "my.toml", "--from", "wrong.toml").exit_code == 3


# ---- diff and schema ---------------------------------------------------------------------------------


def test_diff_shows_what_differs_with_both_values_and_the_unit(airace):
    rows = {
        row["key"]: row
        for row in json.loads(airace("diff", "short.toml", "strict.toml", "--format", "json").stdout)
    }
    assert rows["regulation.strictness"]["b"] == 0.8
    assert rows["regulation.strictness"]["a"] == levers()["regulation.strictness"].default
    assert rows["regulation.us.strictness"]["unit"] == levers()["regulation.strictness"].unit
    assert set(rows) <= {"title"} | {k for k in rows if k.startswith(("regulation.", "event "))}
    assert "regulation.strictness" in airace("diff", "short.toml", "strict.toml").stdout


def test_diff_of_a_scenario_with_itself_is_empty(airace):
    assert airace("diff", "short.toml", "short.toml").stdout == "no difference\n"
    assert json.loads(airace("diff", "short.toml", "short.toml", "--format", "json").stdout) == []


@pytest.mark.slow
def test_the_schema_is_json_and_knows_every_section(airace):
    schema = json.loads(airace("schema").stdout)
    assert {path.partition(".")[0] for path in levers()} <= set(schema["properties"])


# ---- params ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("table", "keys"), [("event", EVENT_KEYS), ("change", CHANGE_KEYS), ("when", WHEN_KEYS)])
def test_params_shows_the_keys_of_a_scenarios_tables(airace, table, keys):
    text = airace("params", table).stdout
    assert [line.split()[0] for line in text.splitlines()[1:len(keys) + 1]] == list(keys)
    told = json.loads(airace("params", table, "--format", "json").stdout)
    assert {record["name"]: record["text"] for record in told} == {f"{table}.{key}": keys[key] for key in keys}
    one = next(iter(keys))
    assert json.loads(airace("params", f"{table}.{one}", "--format", "json").stdout)[0]["text"] == keys[one]


def test_params_lists_every_lever_and_parameter(airace):
    names = {record["path"] for record in json.loads(airace("params", "--format", "json").stdout)}
    assert set(levers()) <= names
    assert {p.path for p in parameters().values()} <= names
    text = airace("params").stdout
    assert all(path in text for path in levers())


def test_params_shows_one_in_full_with_its_evidence(airace):
    name = next(path for path, lever in levers().items() if lever.evidence)
    text = airace("params", name).stdout
    assert levers()[name].unit in text
    assert all(f"evidence {i}" in text for i in levers()[name].evidence)


def test_params_shows_the_grade_of_the_evidence_the_step_and_what_would_change_our_mind(airace):
    known = parameters()["mission_safety"]
    text = " ".join(airace("params", known.path).stdout.split())
    assert "grade bears on it" in text
    assert f"step {known.step}" in text
    assert f"would change it {known.changes_our_mind}" in text
    assert "grade assumption" in " ".join(airace("params", "race.race_mu").stdout.split())
    record = json.loads(airace("params", known.path, "--format", "json").stdout)[0]
    assert [record[field] for field in ("grade", "step", "changes_our_mind")] == \
        [known.grade, known.step, known.changes_our_mind]


def test_params_names_the_rules_that_read_it(airace):
    assert "contend (sim/model/agents/labs.py)" in airace("params", "race_mu").stdout
    records = {each["path"]: each for each in json.loads(airace("params", "--format", "json").stdout)}
    assert records["industry.lobbying"]["read_by"] == ["lobby (sim/model/agents/labs.py)"]
    assert [path for path, each in records.items() if not each["read_by"] and each["kind"] != "attribute"] == []


def test_params_searches_and_says_what_might_be_meant(airace):
    assert "regulation.strictness" in airace("params", "nuclear").stdout
    unknown = airace("params", "regulation.strictnness")
    assert unknown.exit_code == 2
    assert "did you mean `regulation.strictness`?" in unknown.stderr


def test_unsourced_lists_assumptions_only(airace):
    records = json.loads(airace("params", "--unsourced", "--format", "json").stdout)
    assert all(record["kind"] in ("uncertainty", "constant") and not record["evidence"] for record in records)
    assert {r["name"] for r in records} == {n for n, p in parameters().items() if not p.evidence}
