"""What comes from `--set`, from Python or from a record is refused like a file, with its key as the place."""

from pathlib import Path

import pytest
from messages import refused

from sim.model.parameters import parameters
from sim.scenario.scenario import Scenario, ScenarioError

TITLE = 'title = "A"\n'

OPTIONS = {
    "no equals": (("regulation.strictness",), "S121", "write key=value"),
    "no key": (("=3",), "S121", "write key=value"),
    "no value": (("regulation.strictness=",), "S121", "a number from 0 to 1"),
    "a word for a number": (("regulation.strictness=high",), "S121", "a number from 0 to 1"),
    "second line": (("regulation.strictness=1\nmonths=3",), "S121", "a number from 0 to 1"),
    "unknown key": (("regulation.strictnes=1",), "S103", "did you mean `strictness`?"),
    "wrong type": (("regulation.strictness=true",), "S104", "for true write 1"),
    "out of range": (("regulation.strictness=2",), "S106", "a number from 0 to 1"),
    "nan": (("regulation.strictness=nan",), "S105", "a number from 0 to 1"),
    "unknown choice": (("regulation.information=secret",), "S107", 'one of "none"'),
    "unknown agent": (("labs.OpenIA.cash_usd_bn=3",), "S110", "did you mean `OpenAI`?"),
    "set twice": (("months=3", "months=4"), "S102", "keep one of the two"),
    "two ways to one key": (('labs.xAI.openness=1', 'labs."xAI".openness=0'), "S102", "keep one of the two"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_a_set_option_is_refused_with_itself_as_the_place(case: str, tmp_path: Path) -> None:
    options, code, way_out = OPTIONS[case]
    shown = refused(tmp_path, TITLE, options)
    assert f"error[{code}]" in shown
    assert "  --> --set\n" in shown
    assert f"      | {options[-1].splitlines()[0]}"[:20] in shown
    assert way_out in shown


def test_carets_stand_under_the_value_of_an_option(tmp_path: Path) -> None:
    assert ("      | regulation.strictness=2\n      |                       ^ must be") in refused(
        tmp_path, TITLE, ("regulation.strictness=2",)
    )


CHANGES = {
    "unknown key": ({"regulation.strictnes": 1}, "S103", "did you mean `strictness`?"),
    "nested": ({"regulation": {"strictnes": 1}}, "S103", "did you mean `strictness`?"),
    "true for a number": ({"regulation.strictness": True}, "S104", "for true write 1"),
    "nothing": ({"regulation.strictness": None}, "S104", "a number from 0 to 1"),
    "object": ({"regulation.strictness": object()}, "S104", "a number from 0 to 1"),
    "nan": ({"regulation.strictness": float("nan")}, "S105", "a number from 0 to 1"),
    "range reversed": ({"uncertainty.algorithm_crowding": "reversed"}, "S112", "swap the two"),
    "key that is no text": ({3: 1}, "S103", "known here"),
    "set twice": (
        {"regulation.strictness": 1, "regulation": {"strictness": 0}},
        "S102",
        "keep one of the two",
    ),
    "extends": ({"extends": "a.toml"}, "S103", "Scenario.load"),
    "too deep": ({"regulation": [[[[]]]] * 3, "event": None}, "S104", "[[event]]"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_in_python_is_refused_with_its_key_as_the_place(case: str) -> None:
    changes, code, way_out = CHANGES[case]
    for key, value in changes.items():
        if value == "reversed":
            parameter = parameters()[key.partition(".")[2]]
            changes = {key: (parameter.high, parameter.low)}
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_dict({"title": "A"}).with_(changes)
    shown = str(caught.value)
    assert f"error[{code}]" in shown
    assert "  --> change\n" in shown
    assert way_out in shown


def test_a_mapping_that_holds_itself_is_refused() -> None:
    endless: dict = {"title": "A"}
    endless["regulation"] = endless
    for make in (Scenario.from_dict, Scenario.from_dict({"title": "A"}).with_):
        with pytest.raises(ScenarioError, match=r"error\[S116\]"):
            make(endless)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"levers": 3},
        {"title": "A", "levers": {"x.y": 1}},
        {"set": 3},
        {"events": [3]},
        {"agents": {"labs": {"Nobody": {"openness": 1.0}}}},
        {"months": "12"},
    ],
)
def test_a_damaged_record_is_refused(record: dict) -> None:
    good = Scenario.from_dict({"title": "A"}).resolved()
    with pytest.raises(ScenarioError, match="recorded scenario"):
        Scenario.from_resolved({**good, **record} if record else {})


def test_a_message_cannot_steer_the_terminal(tmp_path: Path) -> None:
    shown = refused(tmp_path, TITLE + '[labs."\\u001b[2J\\u202e"]\nopenness = 1\n', ("x\x1b[31m\u202e=1",))
    assert not [c for c in shown if not c.isprintable() and c != "\n"]


def test_a_long_line_is_cut_to_a_window_around_the_carets(tmp_path: Path) -> None:
    shown = refused(
        tmp_path, TITLE + f'[regulation]\nstrictness = {" " * 500}"much"{" " * 500}# {"x" * 500}\n'
    )
    assert max(len(line) for line in shown.splitlines()) < 250
    source, carets = shown.splitlines()[2:4]
    start = carets.index("^")
    assert source[start:start + 6] == '"much"'
    assert carets.count("^") == 6


def test_carets_stand_right_below_wide_characters(tmp_path: Path) -> None:
    shown = refused(tmp_path, TITLE + 'labs = { "模型" = { openness = true } }\n').split("\n\n")[0]
    line, carets = shown.splitlines()[2:4]
    assert carets.index("^") == line.index("true") + 2  # each of the two wide characters takes two columns


def test_hundreds_of_problems_are_counted_rather_than_all_shown(tmp_path: Path) -> None:
    shown = refused(tmp_path, TITLE + "".join(f"key{n} = 1\n" for n in range(300)))
    assert shown.endswith("... and 250 more problems")
