"""`airace why`: what it prints, and what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Airace = Callable[..., Result]


@pytest.mark.slow
def test_it_tells_where_two_scenarios_part_and_suggests_what_next(airace: Airace) -> None:
    result = airace("why", "short.toml", "strict.toml", "--run", 2)
    assert result.exit_code == 0
    for heading in ("The difference", "Where they part", "From event to event", "How to read this"):
        assert heading in result.stdout.splitlines()
    assert "  A  Short" in result.stdout
    assert "regulation.strictness 0.29, not 0.8" in result.stdout
    assert "airace compare short.toml strict.toml" in result.stderr
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


@pytest.mark.slow
def test_json_holds_every_turn_with_its_draw(airace: Airace) -> None:
    result = airace("why", "short.toml", "strict.toml", "--run", 2, "--format", "json", "--outcome", "market_hhi")
    found = json.loads(result.stdout)
    assert (found["run"], found["seed"], found["outcome"]) == (2, 0, "market_hhi")
    assert found["scenarios"] == ["Short", "Strict"]
    assert found["lines_taken_back"][0]["line"] == "regulation.strictness"
    for turn in found["turns"]:
        if turn["draw"] is None:  # a law that the scenario dates
            continue
        assert set(turn["draw"]) == {"channel", "run", "month", "slot"}
        assert turn["draw"]["run"] == 2


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (("short.toml", "strict.toml", "--outcome", "market_hi"), 2, "did you mean market_hhi?"),
    (("short.toml", "baseline"), 2, "different lengths (12, 120 months); give one with --months 12"),
    (("short.toml", "history_free"), 2, "begin in different months"),
    (("short.toml", "nowhere.toml"), 4, "there is no file `nowhere.toml`"),
    (("short.toml", "wrong.toml"), 3, "did you mean `strictness`?"),
    (("short.toml", "strict.toml", "--run", "-1"), 2, "--run"),
    (("short.toml",), 2, "'B'"),
])
def test_mistakes_are_told_with_the_way_out(
    airace: Airace, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = airace("why", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_names_from_files_are_shown_as_text_and_cannot_turn_the_reading_order(airace: Airace, folder: Path) -> None:
    (folder / "odd.toml").write_text('title = "Odd \u202e [bold]name"\nmonths = 12\n', encoding="utf-8")
    result = airace("why", "short.toml", "odd.toml")
    assert result.exit_code in (0, 3)
    assert "\u202e" not in result.stdout + result.stderr


@pytest.mark.slow
def test_the_page_stands_alone_and_shows_names_as_text(airace: Airace, folder: Path) -> None:
    (folder / "odd.toml").write_text(
        'title = "<script>alert(1)</script> & co"\nmonths = 12\n[litigation]\nfiling = 5.0\n')
    result = airace("why", "short.toml", "odd.toml", "--out", "page")
    assert result.exit_code == 0
    assert "written: page/why.html" in result.stderr
    text = (folder / "page" / "why.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in text
    assert "<script" not in text
    assert "Which draws decided" in text or "not from a single event" in text
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', text) == []
    assert text.count('<svg class="chart"') == text.count("<title id=") == 4
