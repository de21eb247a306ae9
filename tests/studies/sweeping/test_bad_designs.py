"""A design file is read as strictly as a scenario file: what is wrong is said at once, and what would be right."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from sim.studies.sweeping.design import Design, DesignError

AXES = '[axes]\n"regulation.strictness" = [0.1, 0.2]\n'
SAMPLED = '[axes]\n"regulation.strictness" = { from = 0.0, to = 1.0 }\n[sample]\n'
HUGE = "9" * 400
BAD = {
    "outcomes of a number": ("outcomes = 1\n" + AXES, "`outcomes` is a list of outcomes"),
    "outcomes of a date": ("outcomes = 2026-01-01\n" + AXES, "`outcomes` is a list of outcomes"),
    "outcomes nested": ('outcomes = [["market_hhi"]]\n' + AXES, "`outcomes` is a list of outcomes"),
    "no outcomes": ("outcomes = []\n" + AXES, "`outcomes` is a list of outcomes"),
    "an outcome twice": ('outcomes = ["market_hhi", "market_hhi"]\n' + AXES, "names market_hhi twice"),
    "a value without end": (f'[axes]\n"regulation.strictness" = [{HUGE}]', "is a list of different numbers"),
    "a range without end": (f'[axes]\n"regulation.strictness" = {{ from = 0.0, to = {HUGE} }}\n[sample]\npoints = 4',
                            "LOW below HIGH"),
    "steps without end": (f'[axes]\n"regulation.strictness" = {{ from = 0.0, to = 1.0, steps = {HUGE} }}',
                          "`steps` is at most 1,000,000"),
    "ten billion steps": ('[axes]\n"regulation.strictness" = { from = 0.0, to = 1.0, steps = 10000000000 }',
                          "`steps` is at most 1,000,000"),
    "points without end": (SAMPLED + f"points = {HUGE}", "`points` is at most 1,000,000"),
    "two million points": (SAMPLED + "points = 2000000", "`points` is at most 1,000,000"),
    "runs without end": (f"runs = {HUGE}\n" + AXES, "`runs` is at most 1,000,000"),
    "months beyond what options allow": ("months = 601\n" + AXES, "`months` is at most 600"),
    "a billion months": ("months = 1000000000\n" + AXES, "`months` is at most 600"),
    "lists in lists": ("outcomes = " + "[" * 20_000 + "]" * 20_000 + "\n" + AXES, "nested too deep"),
    "a number of 5,000 digits": ("runs = " + "9" * 5000 + "\n" + AXES, "is no TOML in UTF-8"),
    "a blank in an axis": ('[axes]\n"regulation.strictness " = [0.1, 0.2]', "has blanks"),
    "an axis twice": (AXES + "regulation.strictness = [0.8, 0.9]", "stands there twice"),
    "one value written twice": ('[axes]\n"regulation.strictness" = [1, 1.0]', "is a list of different numbers"),
    "words": ('[axes]\n"regulation.strictness" = ["none", "private"]', "is of numbers"),
    "a wrong word": ('[axes]\n"structure.powers" = ["payoffs", "gods"]', "one of payoffs, hazards"),
    "a wrong word of a lever": ('[axes]\n"regulation.information" = ["none", "gods"]', 'cannot be "gods"'),
    "a word twice": ('[axes]\n"structure.powers" = ["payoffs", "payoffs"]', "a word twice"),
    "every theory at what": ('[axes]\n"structure.*" = "prior"\n[sample]\npoints = 4', 'is "any", not'),
    "every uncertainty at what": ('[axes]\n"uncertainty.*" = "any"\n[sample]\npoints = 4', 'is "prior", not'),
    "weights": ('[axes]\n"structure.powers" = ["payoffs", "payoffs 0.5, hazards 0.5"]', "belong into the base"),
    "a title of a number": ("title = 1\n" + AXES, "title must be one line"),
    "an empty title": ('title = ""\n' + AXES, "title must be one line"),
    "a title of 5,000 letters": (f'title = "{"a" * 5000}"\n' + AXES, "title must be one line"),
    "a title that turns the page round": ('title = "a\\u202Eb"\n' + AXES, "title must be one line"),
    "a title with an escape": ('title = "a\\u001B[31m"\n' + AXES, "title must be one line"),
    "a Sobol' sequence cut off": (SAMPLED + 'method = "sobol"\npoints = 100', "no power of two; 64 or 128 do"),
    "a method of a list": (SAMPLED + 'method = ["sobol"]\npoints = 4', "the method of [sample] is one of"),
    "beliefs of a list": ('uncertainty = ["luck"]\n' + AXES, "uncertainty is one of luck, prior, posterior"),
    "a megabyte": ("# " + "a" * 1_100_000 + "\n" + AXES, "is larger than"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_design_is_refused_in_a_sentence_without_work(name: str, tmp_path: Path) -> None:
    text, told = BAD[name]
    path = tmp_path / "design.toml"
    path.write_text('base = "baseline"\n' + text, encoding="utf-8")
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(DesignError) as refused:
        Design.load(path)
    message = str(refused.value)
    assert told in message
    assert message.startswith(f"{path}: ")
    assert len(message) < 600 + len(str(path))
    assert all(character.isprintable() or character == "\n" for character in message)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - began < 5.0


def test_true_and_false_stay_true_and_false_in_the_table(tmp_path: Path) -> None:
    from sim.studies.sweeping.sweep import Sweep

    (tmp_path / "design.toml").write_text(
        'base = "baseline"\nruns = 2\nmonths = 2\n[axes]\n"capital.conversion_allowed" = [true, false]\n')
    sweep = Sweep.begin(tmp_path / "sweep", Design.load(tmp_path / "design.toml"))
    sweep.run()
    assert sweep.read()["capital.conversion_allowed"].tolist() == [True, True, False, False]
    assert Sweep.open(tmp_path / "sweep").design.points == ((True,), (False,))
