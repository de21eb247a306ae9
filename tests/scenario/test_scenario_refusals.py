"""Every refusal of a scenario file names a stable code, points at the place and shows the way out."""

import re
from pathlib import Path

import pytest
from messages import message, refused

TITLE = 'title = "A"\n'
EVENT = '[[event]]\ndate = "{}"\nkind = "{}"\nseverity = {}\n'


def test_a_misspelt_key_looks_as_the_handbook_shows_it(tmp_path: Path) -> None:
    (tmp_path / "child.toml").write_text(TITLE + 'extends = "a.toml"\n')
    (tmp_path / "a.toml").write_text("[regulation]\nstrictnes = 0.8\n")
    assert message(tmp_path / "child.toml") == (
        "error[S103]: unknown key `regulation.strictnes`\n"
        "  --> a.toml:2:1   (extended by child.toml:2)\n"
        "    2 | strictnes = 0.8\n"
        "      | ^^^^^^^^^ did you mean `strictness`? a number from 0 to 1; where it is not set, "
        "what is in force at the start\n"
        "help: airace params regulation.strictness")


# Each row: what the file holds below its title, then what the message must say: code, place, way out.
ONE_FILE = {
    "unknown section": ("[regulations]\n", "S103", "a.toml:2:1", "did you mean `regulation`?"),
    "unknown jurisdiction": (
        "[regulation.usa]\nstrictness = 1\n",
        "S103",
        "a.toml:2:1",
        "did you mean `us`?",
    ),
    "lever without its section": (
        "strictness = 1\n",
        "S103",
        "a.toml:2:1",
        "did you mean `regulation.strictness`?",
    ),
    "lever that is one for all": (
        "[regulation.us]\nlicensing_above = 1\n",
        "S103",
        "a.toml:3:1",
        "set `licensing_above` in [regulation]",
    ),
    "top key below a table": ("[trade]\nmonths = 3\n", "S103", "a.toml:3:1", "above the first [table]"),
    "section below a table": (
        "[trade]\nregulation.strictness = 1\n",
        "S103",
        "a.toml:3:1",
        "begin its lines with [regulation]",
    ),
    "unknown attribute": (
        "[labs.xAI]\ncombativness = 0\n",
        "S103",
        "a.toml:3:1",
        "did you mean `combativeness`?",
    ),
    "unknown uncertainty": (
        "[uncertainty]\nalgorithm_grwth = 1\n",
        "S103",
        "a.toml:3:1",
        "`algorithm_growth`",
    ),
    "constant": ("[uncertainty]\nfull_market = 1\n", "S103", "a.toml:3:1", "a constant"),
    "unknown key of an event": (
        EVENT.format("2026-01", "truce", 1) + "sevrity = 1\n",
        "S103",
        "a.toml:6:1",
        "did you mean `severity`?",
    ),
    "true for a number": ("[regulation]\nstrictness = true\n", "S104", "a.toml:3:14", "for true write 1"),
    "number in quotes": (
        '[regulation]\nstrictness = "0.5"\n',
        "S104",
        "a.toml:3:14",
        "write it without quotes",
    ),
    "number for true": (
        "[capital]\nconversion_allowed = 1\n",
        "S104",
        "a.toml:3:22",
        "must be true or false",
    ),
    "true in quotes": ('[capital]\nconversion_allowed = "true"\n', "S104", "a.toml:3:22", "without quotes"),
    "months with decimals": ("months = 12.0\n", "S104", "a.toml:2:10", "a whole number from 1 to 600"),
    "months true": ("months = true\n", "S104", "a.toml:2:10", "a whole number from 1 to 600"),
    "list for a number": ("[trade]\nenforcement = [1]\n", "S104", "a.toml:3:15", "a number from 0 to 1"),
    "table for a number": ("[regulation.strictness]\nus = 1\n", "S104", "a.toml:2:1", "[regulation.us]"),
    "number for a table": ("regulation = 0.5\n", "S104", "a.toml:2:14", "[regulation], its keys below it"),
    "date without quotes": (
        EVENT.format("2026-01", "truce", 1).replace('"2026-01"', "2026-01-01"),
        "S104",
        "a.toml:3:8",
        "quotes included",
    ),
    "one event as a table": ("[event]\n", "S104", "a.toml:2:1", "[[event]]"),
    "nan": ("[regulation]\nstrictness = nan\n", "S105", "a.toml:3:14", "a number from 0 to 1"),
    "infinite": ("[regulation]\nstrictness = -inf\n", "S105", "a.toml:3:14", "a number from 0 to 1"),
    "infinite by size": ("[regulation]\nstrictness = 1e999\n", "S105", "a.toml:3:14", "a number from 0 to 1"),
    "nan in a range": (
        "[uncertainty]\nalgorithm_growth = { low = nan, high = 1 }\n",
        "S105",
        "a.toml:3:28",
        "params",
    ),
    "too large": ("[regulation]\nstrictness = 1.01\n", "S106", "a.toml:3:14", "a number from 0 to 1"),
    "too small": ("[regulation]\nstrictness = -1\n", "S106", "a.toml:3:14", "a number from 0 to 1"),
    "beyond any float": (
        f"[regulation]\nstrictness = 1{'0' * 400}\n",
        "S106",
        "a.toml:3:14",
        "a number from 0 to 1",
    ),
    "no months": ("months = 0\n", "S106", "a.toml:2:10", "a whole number from 1 to 600"),
    "too many months": ("months = 601\n", "S106", "a.toml:2:10", "a whole number from 1 to 600"),
    "uncertainty beyond its range": (
        "[uncertainty]\nalgorithm_growth = 1e9\n",
        "S106",
        "a.toml:3:20",
        "airace params algorithm_growth",
    ),
    "unknown choice": (
        '[regulation]\ninformation = "publik"\n',
        "S107",
        "a.toml:3:15",
        'did you mean "public"?',
    ),
    "event without severity": (
        EVENT.format("2026-01", "truce", 1).rpartition("severity")[0],
        "S108",
        "a.toml:2:1",
        "a number from 0 to 1",
    ),
    "event without its actor": (
        EVENT.format("2026-01", "breakthrough", 1),
        "S108",
        "a.toml:2:1",
        'add actor = "...", the name of a lab',
    ),
    "range without high": (
        "[uncertainty]\nalgorithm_growth = { low = 1 }\n",
        "S108",
        "a.toml:3:1",
        "a number from",
    ),
    "malformed date": (EVENT.format("2026-1", "truce", 1), "S109", "a.toml:3:8", 'as in "2027-03"'),
    "thirteenth month": (EVENT.format("2026-13", "truce", 1), "S109", "a.toml:3:8", 'as in "2027-03"'),
    "date before the run": (
        EVENT.format("2025-12", "truce", 1),
        "S109",
        "a.toml:3:8",
        "from 2026-01 to 2035-12",
    ),
    "date after the run": (
        "months = 12\n" + EVENT.format("2027-01", "truce", 1),
        "S109",
        "a.toml:4:8",
        "from 2026-01 to 2026-12 (12 months)",
    ),
    "unknown lab": ('[labs."Open AI"]\ncash_usd_bn = 3\n', "S110", "a.toml:2:1", "did you mean `OpenAI`?"),
    "founder among labs": (
        '[labs."Elon Musk"]\ncombativeness = 0\n',
        "S110",
        "a.toml:2:1",
        'write [founders."Elon Musk"]',
    ),
    "unknown nation": ("[nations.USA]\npower_gw = 1\n", "S110", "a.toml:2:1", "did you mean `US`?"),
    "attribute without meaning": ("[nations.UK]\nhostility = 1\n", "S110", "a.toml:3:1", "only US and China"),
    "unknown actor": (
        EVENT.format("2026-01", "breakthrough", 1) + 'actor = "Antropic"\n',
        "S110",
        "a.toml:6:9",
        'did you mean "Anthropic"?',
    ),
    "actor out of scope": (
        EVENT.format("2026-01", "mineral_ban", 1) + 'actor = "EU"\n',
        "S110",
        "a.toml:6:9",
        "nations: US, China",
    ),
    "actor where there is none": (
        EVENT.format("2026-01", "truce", 1) + 'actor = "US"\n',
        "S103",
        "a.toml:6:1",
        "remove this key",
    ),
    "unknown kind of event": (
        EVENT.format("2026-01", "truse", 1),
        "S111",
        "a.toml:4:8",
        'did you mean "truce"?',
    ),
    "low above high": (
        "[uncertainty]\nalgorithm_growth = { low = HIGH, high = LOW }\n",
        "S112",
        "a.toml:3:20",
        "swap the two",
    ),
    "converted though blocked": (
        'start = "2025-01"\n[capital]\nconversion_allowed = false\n[labs.OpenAI]\nform = "for_profit"\n',
        "S112",
        "a.toml:6:8",
        "conversion is blocked at a.toml:4:22",
    ),
    "valued non-profit": (
        '[labs.xAI]\nform = "nonprofit"\nvaluation_usd_bn = 5\n',
        "S112",
        "a.toml:4:20",
        "remove valuation_usd_bn",
    ),
    "more than the world": (
        "[nations.US]\nmarket_size = 0.7\n[nations.China]\nmarket_size = 0.6\n",
        "S112",
        "a.toml:5:15",
        "at most 1 together",
    ),
    "same event twice": (
        2 * EVENT.format("2026-01", "truce", 1),
        "S112",
        "a.toml:6:1",
        "already at a.toml:2:1",
    ),
    "truce with a new control": (
        EVENT.format("2026-01", "truce", 1) + EVENT.format("2026-01", "mineral_ban", 1) + 'actor = "US"\n',
        "S112",
        "a.toml:6:1",
        "a month or more apart",
    ),
    "unknown start": ('start = "2024-01"\n', "S120", "a.toml:2:9", "one of"),
    "set twice": ("months = 3\nmonths = 4\n", "S102", "a.toml:3:1", "keep one of the two"),
    "table twice": ("[trade]\n[people]\n[trade]\n", "S102", "a.toml:4:1", "keep one of the two"),
    "set twice in one line": (
        "uncertainty = { a = 1, a = 2 }\n",
        "S102",
        "a.toml:2:1",
        "keep one of the two",
    ),
    "no value": ("months =\n", "S101", "a.toml:2:9", "Invalid value"),
    "no quotes": ("start = now\n", "S101", "a.toml:2:9", "texts stand in quotes"),
    "unclosed text": ('start = "2025-01\n', "S101", "a.toml:2:17", "texts stand in quotes"),
    "unclosed list": ("event = [\n", "S101", "a.toml:2:10", "texts stand in quotes"),
    "raw control character": ('start = "\x1b[31m"\n', "S101", "a.toml:2:10", "texts stand in quotes"),
    "number of 5000 digits": (f"months = {'9' * 5000}\n", "S101", "a.toml:1:1", "digits"),
    "too many events": ("event = [" + "{}," * 1001 + "]\n", "S115", "a.toml:2:9", "at most 1000 events"),
    "deep lists": (f"event = {'[' * 5000}{']' * 5000}\n", "S116", "a.toml:2:", "three levels at most"),
    "deep keys": (".".join("a" * 40) + " = 1\n", "S116", "a.toml:2:", "three levels at most"),
    "deep tables": ("[" + ".".join("a" * 40) + "]\n", "S116", "a.toml:2:", "three levels at most"),
}


@pytest.mark.parametrize("case", ONE_FILE, ids=lambda name: name.replace(" ", "-"))
def test_a_file_is_refused_with_code_place_and_way_out(case: str, tmp_path: Path) -> None:
    from sim.model.parameters import parameters

    text, code, place, way_out = ONE_FILE[case]
    growth = parameters()["algorithm_growth"]
    text = text.replace("HIGH", str(growth.high)).replace("LOW", str(growth.low))
    shown = refused(tmp_path, TITLE + text)
    assert f"error[{code}]" in shown
    assert f"--> {place}" in shown
    assert way_out in shown


TITLES = {
    "missing": ("months = 3\n", "S108", 'write title = "..."'),
    "empty": ('title = ""\n', "S113", "1 to 200 characters"),
    "blank": ('title = "  "\n', "S113", "1 to 200 characters"),
    "long": (f'title = "{"x" * 201}"\n', "S113", "1 to 200 characters"),
    "two lines": ('title = "a\\nb"\n', "S113", "on one line"),
    "colour codes": ('title = "a\\u001b[31m"\n', "S113", "on one line"),
    "reversed reading": ('title = "a\\u202eb"\n', "S113", "on one line"),
    "number": ("title = 3\n", "S104", "1 to 200 characters"),
}


@pytest.mark.parametrize("case", TITLES)
def test_a_title_is_one_line_of_text(case: str, tmp_path: Path) -> None:
    text, code, way_out = TITLES[case]
    shown = refused(tmp_path, text)
    assert f"error[{code}]" in shown
    assert "--> a.toml:1:" in shown
    assert way_out in shown


BYTES = {
    "byte-order mark": (b"\xef\xbb\xbf" + TITLE.encode(), "S117", "without a byte-order mark"),
    "utf-16": (TITLE.encode("utf-16"), "S117", "without a byte-order mark"),
    "latin-1": (b'title = "caf\xe9"\n', "S117", "a.toml:1:13"),
    "zeros": (TITLE.encode() + b"\x00", "S101", "a.toml:2:1"),
    "large": (TITLE.encode() + b"#" * 1024 * 1024, "S115", "larger than 1 MiB"),
    "empty": (b"", "S108", 'write title = "..."'),
}


@pytest.mark.parametrize("case", BYTES)
def test_bytes_that_are_no_small_utf8_text_are_refused(case: str, tmp_path: Path) -> None:
    raw, code, says = BYTES[case]
    shown = refused(tmp_path, raw)
    assert f"error[{code}]" in shown
    assert says in shown


def test_all_problems_of_a_chain_come_at_once_each_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text("[trade]\nenforcement = 7\n")
    shown = refused(
        tmp_path,
        TITLE + 'extends = "b.toml"\nmonths = 0\n[people]\nx = 1\n[labs.Nobody]\nopenness = 1\n',
        ("regulation.strictness=2",),
    )
    assert re.findall(r"error\[(\w+)\]", shown) == ["S106", "S106", "S103", "S106", "S110"]
    assert "b.toml:2:15   (extended by a.toml:2)" in shown


def test_a_wrong_parent_does_not_hide_the_childs_problems(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text("not toml")
    shown = refused(tmp_path, TITLE + 'extends = "b.toml"\nmonths = 0\n')
    assert re.findall(r"error\[(\w+)\]", shown) == ["S101", "S106"]
