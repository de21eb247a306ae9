"""`--lang` says in which language a command tells; one that there is not is refused before anything is read."""

from __future__ import annotations

import json

import pytest
from left_in_english import left_in_english

from sim.common.language import language


@pytest.fixture
def compared(airace, folder):
    done = airace("compare", "short.toml", "strict.toml", "--runs", "4", "--months", "6", "--uncertainty", "luck")
    assert done.exit_code == 0
    return folder


def test_a_brief_is_told_in_the_language_asked_for_and_the_next_one_in_english(airace, compared):
    english = airace("brief", "out").stdout
    french = airace("brief", "out", "--lang", "fr", "--out", "fr.html")
    assert french.exit_code == 0
    assert "“Strict” against “Short”" in english
    assert "«\N{NO-BREAK SPACE}Strict\N{NO-BREAK SPACE}» par rapport à" in french.stdout
    assert '<html lang="fr">' in (compared / "fr.html").read_text(encoding="utf-8")
    chinese = airace("brief", "out", "--lang", "zh-CN", "--format", "json").stdout
    assert list(json.loads(chinese)) == list(json.loads(airace("brief", "out", "--format", "json").stdout))
    assert left_in_english(" ".join(json.loads(chinese)["rests"]), "zh") == []
    assert airace("brief", "out").stdout == airace("brief", "out", "--lang", "en").stdout == english
    assert language() == "en"


@pytest.mark.parametrize("command", ["brief", "explore", "play"])
def test_a_language_that_there_is_not_is_refused_with_those_that_there_are(airace, folder, command):
    done = airace(command, "nothing_here", "--lang", "de")
    assert done.exit_code == 2
    told = " ".join(done.stderr.replace("│", " ").split())
    assert "there is no language 'de'; there are en (English), zh (中文), fr (Français)" in told
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["short.toml", "strict.toml", "wrong.toml"]
