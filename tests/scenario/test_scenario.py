"""A scenario file becomes a value that says everything, compares by content and survives every round trip."""

import pickle
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.parameters import JURISDICTIONS, attributes, levers, parameters, start_rows
from sim.scenario.scenario import DatedEvent, Scenario, ScenarioError, diff, schema, template
from sim.scenario.schema import DEFAULT_START
from sim.scenario.toml_spans import Spans

FOLDER = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(FOLDER.glob("*.toml")) + sorted(FOLDER.glob("worlds/*.toml"))
BASE = Scenario.from_dict({"title": "Base"})


def write(folder: Path, **files: str) -> Path:
    """Write files by stem; the last one's path."""
    for stem, text in files.items():
        path = folder / f"{stem}.toml"
        path.write_text(text, encoding="utf-8")
    return path


# ---- shipped files -----------------------------------------------------------------------------------------


def test_the_scenarios_of_the_handbook_are_shipped() -> None:
    assert {path.stem for path in SHIPPED} >= {
        "baseline",
        "light_rivalry",
        "light_cooperation",
        "strict_rivalry",
        "strict_cooperation",
        "no_litigation",
        "conversion_blocked",
        "sanctions_war",
        "chips_push",
        "licensing",
        "small_lab_exemption",
        "defence_race",
        "political_access",
        "open_weights",
    }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_shipped_file_loads_without_warnings_and_says_what_it_asks(path: Path) -> None:
    scenario = Scenario.load(path)
    assert scenario.warnings == ()
    assert scenario.question.endswith("?")
    assert scenario.look_for
    assert scenario.months == 120


def test_shipped_titles_differ_so_that_all_files_can_be_compared_at_once() -> None:
    titles = [Scenario.load(path).title for path in SHIPPED]
    assert len(set(titles)) == len(titles)


def test_the_four_core_scenarios_differ_in_strictness_and_cooperation_alone() -> None:
    core = {name: Scenario.load(FOLDER / f"{name}.toml")
            for name in ("light_rivalry", "light_cooperation", "strict_rivalry", "strict_cooperation")}
    keys = {key for a in core.values() for b in core.values() for key, _, _ in diff(a, b)} - {"title"}
    strictness = {"regulation.strictness"} | {f"regulation.{place}.strictness" for place in JURISDICTIONS}
    assert keys == strictness | {"diplomacy.us_china_cooperation"}


# ---- what a file means -------------------------------------------------------------------------------------


def test_every_lever_has_a_value_and_what_is_not_set_has_its_default() -> None:
    assert set(BASE.levers) >= set(levers())
    assert all(BASE.levers[path] == lever.default for path, lever in levers().items())
    assert BASE.set_levers == {}


def test_a_general_value_holds_for_all_jurisdictions_but_those_with_their_own(tmp_path: Path) -> None:
    path = write(
        tmp_path, a='title = "A"\n[regulation]\nstrictness = 0.8\n[regulation.us]\nstrictness = 0.6\n'
    )
    scenario = Scenario.load(path)
    assert {place: scenario.levers[f"regulation.{place}.strictness"] for place in JURISDICTIONS} == {
        "us": 0.6, "california": 0.8, "eu": 0.8, "uk": 0.8, "china": 0.8}
    assert dict(scenario.set_levers) == {"regulation.strictness": 0.8, "regulation.us.strictness": 0.6}


def test_a_child_goes_over_its_parents_key_by_key(tmp_path: Path) -> None:
    path = write(tmp_path,
                 a='title = "A"\nmonths = 60\n[regulation]\nstrictness = 0.1\ncapture = 2.0\n',
                 b='title = "B"\nextends = "a.toml"\n[regulation]\nstrictness = 0.2\n',
                 c='title = "C"\nextends = "b.toml"\n[trade]\nchip_controls = 0.5\n')
    scenario = Scenario.load(path)
    assert (scenario.title, scenario.months) == ("C", 60)
    assert dict(scenario.set_levers) == {"regulation.strictness": 0.2, "regulation.capture": 2.0,
                                         "trade.chip_controls": 0.5}


def test_a_childs_general_value_does_not_erase_a_parents_value_for_one_jurisdiction(tmp_path: Path) -> None:
    path = write(tmp_path, a='title = "A"\n[regulation.us]\nstrictness = 0.1\n',
                 b='title = "B"\nextends = "a.toml"\n[regulation]\nstrictness = 0.9\n')
    scenario = Scenario.load(path)
    assert scenario.levers["regulation.us.strictness"] == 0.1
    assert scenario.levers["regulation.eu.strictness"] == 0.9


def test_options_go_over_the_file_and_take_bare_words(tmp_path: Path) -> None:
    path = write(tmp_path, a='title = "A"\n[regulation]\nstrictness = 0.1\n')
    scenario = Scenario.load(path, ["regulation.strictness=0.9", "regulation.information=public", "months=24",
                                    "capital.conversion_allowed=false", "labs.01.AI.openness=0.5",
                                    'labs."Meta AI".openness=0.25'])
    assert scenario.levers["regulation.strictness"] == 0.9
    assert scenario.levers["regulation.information"] == "public"
    assert scenario.levers["capital.conversion_allowed"] is False
    assert scenario.months == 24
    assert scenario.agents["labs"] == {"01.AI": {"openness": 0.5}, "Meta AI": {"openness": 0.25}}
    assert Scenario.load(path, "months=24").months == 24


def test_whole_numbers_are_numbers_and_minus_zero_is_zero() -> None:
    scenario = BASE.with_({"regulation.strictness": 1, "trade.chip_controls": -0.0})
    assert isinstance(scenario.levers["regulation.strictness"], float)
    assert str(scenario.levers["trade.chip_controls"]) == "0.0"
    assert BASE.with_({"regulation.strictness": np.float64(0.5), "months": np.int64(6)}).months == 6


def test_a_dated_event_counts_months_from_the_start_and_strikes_the_rival() -> None:
    events = [{"date": "2027-03", "kind": "chip_control_step", "severity": 1, "actor": "US"},
              {"date": "2026-01", "kind": "market_bust", "severity": 0.5}]
    assert BASE.with_({"event": events}).events == (
        DatedEvent(0, "2026-01", "market_bust", 0.5, None, None),
        DatedEvent(14, "2027-03", "chip_control_step", 1.0, "US", "China"))


def test_events_add_up_over_a_chain_and_a_repeated_one_replaces_the_earlier(tmp_path: Path) -> None:
    event = '[[event]]\ndate = "2026-01"\nkind = "{}"\nseverity = {}\n'
    path = write(tmp_path, a='title = "A"\n' + event.format("truce", 0.5) + event.format("market_bust", 0.5),
                 b='title = "B"\nextends = "a.toml"\n' + event.format("truce", 0.9))
    assert [(e.kind, e.severity) for e in Scenario.load(path).events] == [
        ("market_bust", 0.5),
        ("truce", 0.9),
    ]


def test_an_uncertainty_takes_a_value_or_a_range() -> None:
    name, parameter = next((n, p) for n, p in parameters().items() if p.kind == "uncertainty")
    inside = (parameter.low + parameter.high) / 2
    assert BASE.with_({f"uncertainty.{name}": inside}).uncertainty == {name: inside}
    for given_range in ((parameter.low, inside), {"low": parameter.low, "high": inside}):
        assert BASE.with_({f"uncertainty.{name}": given_range}).uncertainty == {name: (parameter.low, inside)}


def test_the_opening_comments_are_kept_without_their_labels(tmp_path: Path) -> None:
    path = write(
        tmp_path, a='# Asks: Why?\n# Look for: this.\ntitle = "A"\n', b='title = "B"\n# Asks: Why?\n'
    )
    assert (Scenario.load(tmp_path / "a.toml").question, Scenario.load(tmp_path / "a.toml").look_for) == (
        "Why?", "this.")
    assert Scenario.load(path).question == ""


def test_a_file_may_extend_one_in_a_folder_below_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", a='title = "A"\r\nmonths = 7\r\n')
    assert Scenario.load(write(tmp_path, b='title = "B"\nextends = "sub/a.toml"\n')).months == 7


# ---- a value among values ----------------------------------------------------------------------------------


def test_with_leaves_the_first_scenario_as_it_was_and_keeps_the_title_unless_given() -> None:
    changed = BASE.with_({"regulation.strictness": 0.8})
    assert BASE.levers["regulation.strictness"] == levers()["regulation.strictness"].default
    assert (changed.title, BASE.with_({}, title="Other").title) == ("Base", "Other")
    with pytest.raises(TypeError):
        changed.levers["regulation.strictness"] = 0.1  # type: ignore[index]
    with pytest.raises(AttributeError):
        changed.title = "x"  # type: ignore[misc]


def test_scenarios_with_the_same_content_are_equal_wherever_they_come_from(tmp_path: Path) -> None:
    a = Scenario.load(
        write(tmp_path, a='title = "A"\n[trade]\nenforcement = 1\n[regulation]\nstrictness = 0.5\n')
    )
    b = Scenario.from_dict({"title": "A", "regulation": {"strictness": 0.5}, "trade": {"enforcement": 1.0}})
    assert a == b
    assert len({a, b}) == 1
    assert a.digest() == b.digest()
    assert a != b.with_({"trade.enforcement": 0.9})
    assert a.digest() != b.with_({"trade.enforcement": 0.9}).digest()
    assert a != "A"


def test_diff_lists_the_keys_that_differ_with_both_values() -> None:
    other = BASE.with_({"trade.enforcement": 0.9, "labs.xAI.openness": 0.5,
                        "event": [{"date": "2026-01", "kind": "truce", "severity": 0.5}]})
    assert diff(BASE, BASE) == []
    assert diff(BASE, other) == [("trade.enforcement", 0.5, 0.9), ("labs.xAI.openness", None, 0.5),
                                 ("event 2026-01 truce", None, 0.5)]


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def lever_values() -> st.SearchStrategy[dict]:
    choices = {}
    for path, lever in levers().items():
        if lever.type == "number":
            value: st.SearchStrategy = number(lever.low, lever.high)
        else:
            value = st.booleans() if lever.type == "boolean" else st.sampled_from(lever.choices)
        choices[path] = value
        if lever.per:
            section, _, name = path.partition(".")
            choices |= {f"{section}.{place}.{name}": value for place in JURISDICTIONS}
    keys = st.lists(st.sampled_from(sorted(choices)), unique=True, max_size=12)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: choices[key] for key in chosen}))


def agent_values() -> st.SearchStrategy[dict]:
    traits = [
        p for p in attributes().values() if p.type == "number" and not p.names and p.name != "market_size"
    ]
    pairs = [(p, name) for p in traits for name in start_rows(DEFAULT_START)[p.path.partition(".")[0]]]
    chosen = st.lists(st.sampled_from(pairs), max_size=4, unique_by=lambda pair: (pair[0].path, pair[1]))
    return chosen.flatmap(lambda items: st.fixed_dictionaries(
        {f"{p.path.partition('.')[0]}.{name}.{p.name}": number(p.low, p.high) for p, name in items}))


def titles() -> st.SearchStrategy[str]:
    return st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable() and text.strip() != "")


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(titles(), lever_values(), agent_values(), st.integers(1, 600), number(0, 1))
def test_toml_pickle_and_the_resolved_form_give_back_an_equal_scenario(
        tmp_path_factory: pytest.TempPathFactory, title: str, changes: dict, traits: dict, months: int,
        severity: float) -> None:
    name, parameter = next((n, p) for n, p in parameters().items() if p.kind == "uncertainty")
    event = {"date": "2026-01", "kind": "power_shortage", "severity": severity, "actor": "Japan and Korea"}
    scenario = BASE.with_({**changes, **traits, "months": months, "event": [event],
                           f"uncertainty.{name}": (parameter.low, parameter.high)}, title=title)
    path = tmp_path_factory.mktemp("toml") / "a.toml"
    path.write_text(scenario.to_toml(), encoding="utf-8")
    assert Scenario.load(path) == scenario
    assert Scenario.from_resolved(scenario.resolved()) == scenario
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_a_recorded_lever_keeps_its_value_even_if_it_was_not_set() -> None:
    record = BASE.resolved()
    record["levers"]["regulation.eu.strictness"] = 0.99  # as if the default had been another one at the time
    assert Scenario.from_resolved(record).levers["regulation.eu.strictness"] == 0.99


# ---- schema, template, speed -------------------------------------------------------------------------------


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_the_json_schema_accepts_every_shipped_file(path: Path) -> None:
    validator().validate(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"title": "A", "regulation": {"strictness": 2}},
        {"title": "A", "x": 1},
        {"title": "A", "uncertainty": {"no_such_name": 1}},
        {"title": "A", "regulation": {"information": "all"}},
    ],
)
def test_the_json_schema_refuses_what_a_scenario_refuses(wrong: dict) -> None:
    assert not validator().is_valid(wrong)
    with pytest.raises(ScenarioError):
        Scenario.from_dict(wrong)


def test_a_template_loads_as_it_is_and_with_every_comment_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(template(Scenario.from_dict({"title": 'My "new" one'}), "baseline"), encoding="utf-8")
    assert Scenario.load(path).title == 'My "new" one'
    lines = path.read_text(encoding="utf-8").splitlines()
    bare = [line.removeprefix("# ") if line[:3] in {"# [", '# "', *(f"# {c}" for c in "abcdefghijklmnopqrstuvwxyz")}
            else line for line in lines]
    path.write_text("\n".join(bare), encoding="utf-8")
    assert {p: v for p, v in Scenario.load(path).levers.items() if p in levers()} == {
        p: lever.default for p, lever in levers().items()}


def test_validating_a_file_imports_nothing_heavy() -> None:
    code = (
        f"import sys, sim; sim.Scenario.load({str(SHIPPED[0])!r}); "
        "print([m for m in ('numpy', 'pandas', 'scipy', 'mesa', 'xarray', 'matplotlib') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"


# ---- places of keys ----------------------------------------------------------------------------------------


def paths(value: object, path: tuple = ()) -> set[tuple]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} - {()} | {p for key, inner in items for p in paths(inner, (*path, key))}


TRICKY = '''
top = """many
lines = 3 # no key
"""   # comment
"quoted key" . inner = 'x' # [no.table]
'single "q"'.b = 1
list = [ # comment with ] inside
  { a = 1, "b.c" = [1, 2], d.e = 3 }, "]", [], '#', 2020-01-01T00:00:00Z,
]
empty = {}
[a.b."c.d"]
x = 1.5 # = 2
[a]
y = "esc\\"aped = [" # "
[[rows]]
n = 1
[[rows]]
n = 2
[rows.sub]
deep = true
[[rows.inner]]
k = \'\'\'it''s\'\'\'
[[rows.inner]]
k."\\u00e9" = -0x1
'''.replace("-0x1", "0x1")


def test_the_place_of_every_key_is_found_in_a_text_full_of_traps() -> None:
    spans = Spans(TRICKY)
    assert spans.paths() == paths(tomllib.loads(TRICKY))
    lines = TRICKY.split("\n")
    for path, at, text in ((("a", "y"), "key", "y"), (("a", "b", "c.d", "x"), "value", "1.5"),
                           (("list", 0, "b.c", 1), "value", "2"), (("rows", 1, "n"), "value", "2"),
                           (("rows", 1, "inner", 1, "k", "é"), "value", "0x1"),
                           (("quoted key", "inner"), "key", '"quoted key" . inner'),
                           (("rows", 1, "sub", "deep"), "value", "true"), (("empty",), "value", "{}")):
        span = spans.find(path, at)
        assert span is not None
        assert lines[span.line - 1][span.column - 1:span.column - 1 + span.width] == text


def test_an_unknown_key_is_placed_at_the_nearest_table_around_it() -> None:
    spans = Spans("[a]\nx = 1\n[[b]]\ny = 1\n")
    assert spans.find(("a", "nowhere"), "value") == spans.find(("a",))
    assert spans.find(("b", 0, "nowhere")).line == 3
    assert spans.find(("nowhere",)) is None


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=' \n\t"\'[]{}=.,#\\ab10', max_size=60))
def test_the_scan_ends_on_any_text_and_sees_all_keys_of_a_valid_one(text: str) -> None:
    spans = Spans(text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert spans.paths() == paths(data)
