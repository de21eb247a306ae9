"""A game in Chinese or French has no English left over; two players of a room each read their own language."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from left_in_english import left_in_english, texts_in
from playwright.sync_api import Browser, expect
from serving import PATIENCE, served

from sim.app.play.debrief import debrief, undo
from sim.app.play.game import Game, GameError, Inject
from sim.app.play.roles import MOST_DECISIONS, ROLES
from sim.app.play.room import HOST, SHOWN_TO_ALL, Room
from sim.app.play.serve import Asker, Refusal, Tables, about, events
from sim.app.play.turn import asked, told_to, turn
from sim.common.language import IN_SCRIPT, LANGUAGES, of_script, speaking
from sim.scenario.scenario import Scenario

OTHERS = [code for code in LANGUAGES if code != "en"]
CODES = ("key", "lever", "kind", "role", "good", "wanted", "phase", "command", "world", "question")
"""Keys whose values are codes, commands, or the author's own words; pages do not show them as they are."""
ASKER = Asker("", "", "")


@pytest.fixture(scope="module")
def world() -> Scenario:
    return Scenario.load("baseline").with_({}, title="0")


@pytest.fixture(scope="module")
def game(world: Scenario) -> Game:
    """All roles decide something in two quarters, and the host lets two things happen."""
    played = Game.begin(world, 3, 17, tuple(ROLES), 6)
    for quarter in range(3):
        moves = []
        for role, about_role in ROLES.items():
            for decision in about_role.decisions[quarter:quarter + MOST_DECISIONS]:
                choices = played.choices(role, decision.lever)
                moves.extend(played.check(role, {decision.lever: choices[-1 - quarter % 2][0]}, MOST_DECISIONS))
        happening = [Inject(played.played, "severe_incident", 0.9)] if quarter == 1 else []
        played = played.forward(moves, happening)
    return played.forward((), [Inject(played.played, "taiwan_disruption", 0.4),
                               Inject(played.played, "severe_incident", 0.9)])


def shown(told: object) -> str:
    """All that a page shows of an answer; the outcomes' own names are no text."""
    texts = [text for text in texts_in(told, CODES) if text not in SHOWN_TO_ALL]
    return "\n".join(text for text in texts if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", text))


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_in_a_turn_of_any_role_nor_in_the_advisors_answer(game: Game, code: str) -> None:
    seen = turn(game)
    with speaking(code) as spoken:
        told = [told_to(seen, role, SHOWN_TO_ALL) for role in (*ROLES, None)]
        for each in told:
            for gauge in each["gauges"]:
                del gauge["name"]
        lever = ROLES["eu"].decisions[0].lever
        told.append(asked(game, "eu", game.check("eu", {lever: game.choices("eu", lever)[0][0]}, MOST_DECISIONS)))
    assert spoken.missing == set()
    assert left_in_english(shown(told), code) == []
    assert len(shown(told)) > 20_000


def test_no_english_is_left_in_a_debrief_and_it_is_undone_once_for_all_languages(game: Game) -> None:
    over = game.forward(()) if not game.over else game
    while not over.over:
        over = over.forward(())
    found = undo(over)
    told = {}
    for code in LANGUAGES:
        with speaking(code) as spoken:
            told[code] = debrief(over, found)
        assert spoken.missing == set()
        assert code == "en" or left_in_english(shown(told[code]), code) == []
    numbers = [[aim["others"] for role in each["roles"].values() for aim in role["aims"]] for each in told.values()]
    assert numbers[0] == numbers[1] == numbers[2]


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_in_the_lobby_nor_in_what_a_host_can_let_happen(world: Scenario, tmp_path: Path,
                                                                          code: str) -> None:
    tables = Tables(world, 0, tmp_path, rooms=True)
    with speaking(code) as spoken:
        told = [about(tables, {}, ASKER), events(tables, {}, ASKER)]
    for each in told[1]:
        each["actors"] = [name for _, name in each["actors"]]
    assert spoken.missing == set()
    assert left_in_english(shown(told), code) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_refusal_is_said_in_the_players_language(world: Scenario, tmp_path: Path, code: str) -> None:
    tables, said = Tables(world, 0, tmp_path, rooms=False), []
    room, _ = Room.open(world, 0, 1, 4, 0.0, tmp_path)
    tries = [lambda: tables.of("x.y.z", "a"), lambda: tables.by_code("ABC", "a"), lambda: room.join("", "us"),
             lambda: room.join("A", "nobody"), room.begin, lambda: room.vacate("us"), room.debrief, room.text,
             lambda: Room.open(world, 0, 1, 3, 0.0, tmp_path), lambda: room.inject("x", 2.0, None)]
    with speaking(code) as spoken:
        for each in tries:
            with pytest.raises((GameError, Refusal)) as refused:
                each()
            said.append(str(refused.value))
    assert spoken.missing == set()
    assert left_in_english("\n".join(said), code) == []


def test_two_players_of_a_room_each_read_their_own_language(world: Scenario, tmp_path: Path) -> None:
    room, tokens = Room.open(world, 0, 1, 4, 0.0, tmp_path)
    room.join("A", "us")
    room.begin()
    told = {}
    for code in ("zh", "fr", "zh"):
        with speaking(code):
            told[code] = (room.state("us"), room.state(HOST))
    assert told["zh"][0]["role"]["name"] == "美国"
    assert told["fr"][0]["role"]["name"] == "Les États-Unis"
    assert told["zh"][0]["turn"]["gauges"][0]["title"] == "中国落后美国前沿的时间"
    assert told["fr"][1]["turn"]["gauges"][0]["title"] == "Retard de la Chine sur la pointe américaine"
    assert set(tokens) == {"host", "view"}


MENU = re.compile("English|Français")
SENTENCE = re.compile(r'"((?:[^"\\]|\\.)*)"')


@pytest.mark.parametrize("name", ["sim.app.play page/play.js", "sim.report.pages templates/explorer.js",
                                  "sim.report.pages templates/explorer.words.js",
                                  "sim.report.pages templates/explorer.draw.js",
                                  "sim.report.pages templates/explorer.estimate.js"])
def test_a_script_says_no_sentence_that_is_no_message(name: str) -> None:
    package, path = name.split()
    script = resources.files(package).joinpath(path).read_text(encoding="utf-8")
    said = {text.replace("\\", "") for text in of_script(script)} | {
        json.loads(each[2]) for each in IN_SCRIPT.finditer(script) if each[2]}
    code = re.sub(r"/\*.*?\*/|^\s*//[^\n]*|\s// [^\n]*", "", script, flags=re.DOTALL | re.MULTILINE)
    loose = [text for line in code.splitlines() for text in SENTENCE.findall(line) if text not in said and re.match(
        r"[ .:,]*([A-Z][a-z]*('[a-z]+)? [a-z]|[a-z]+( [a-z]+){3})", text)]
    loose += re.findall(r"`[^`\n]*[a-z]{2,} [a-z]{2,} [a-z]{2,}[^`\n]*`", code)
    assert loose == []


@pytest.mark.slow
def test_the_page_follows_the_browser_and_its_menu_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    with served("--out", str(tmp_path / "games"), what="play") as (address, _):
        for locale, code in (("zh-CN", "zh"), ("fr-CA", "fr"), ("de-DE", "en")):
            page = browser.new_page(locale=locale)
            page.set_default_timeout(1000.0 * PATIENCE)
            page.goto(address)
            page.locator("form .role").first.wait_for()
            assert page.evaluate("document.documentElement.lang") == code
            left = left_in_english(MENU.sub("", page.inner_text("body")), code)
            assert code == "en" or left == []
            page.close()
        page = browser.new_page(locale="fr-FR")
        page.set_default_timeout(1000.0 * PATIENCE)
        page.goto(address)
        page.locator("form .role").first.wait_for()
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.lang") == "zh":
                break
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("lang", "zh")
        assert urlsplit(page.url).query == "lang=zh"
        expect(page.locator("h1")).to_have_text("您要扮演谁？")
        page.close()
        asking = Request(address + "api/look", data=b'{"code": "X"}', headers={"x-airace-language": "fr"})
        with pytest.raises(HTTPError, match="404") as refused:
            urlopen(asking)
        assert "aucune salle" in json.loads(refused.value.read())["error"]
