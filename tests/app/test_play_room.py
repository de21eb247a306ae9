"""A room: moves are hidden until a round closes, nobody moves for another, and it goes on after a restart."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from sim.app.place import Place
from sim.app.play import serve
from sim.app.play.door import HEADERS, MOST_BYTES, Door, Pace
from sim.app.play.roles import ROLES
from sim.app.play.room import Room, SavedGameError
from sim.app.play.serve import Tables, application
from sim.scenario.scenario import Scenario

WORLD = Scenario.load("baseline")
HERE, OPEN = Place("127.0.0.1", 8766), Place("0.0.0.0", 8766)
KEY = "the-host-s-key"
STRICT = "regulation.{}.strictness"


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(WORLD, 0, tmp_path, rooms=True, key=KEY)


def asked(tables: Tables, name: str, given: object = None, *, token: str = "", place: Place = HERE,
          method: str = "POST", path: str = "", **headers: str) -> tuple[int, Any, dict[str, str]]:
    """Status, answer and headers of one request, as the server gets it."""
    sent: list[dict[str, Any]] = []
    body = given if isinstance(given, bytes) else json.dumps(given or {}).encode()
    said = {"host": "127.0.0.1:8766", "authorization": f"Bearer {token}"} | {
        name.replace("_", "-"): value for name, value in headers.items()}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path = path or f"/api/{name}"
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
             "scheme": "http", "headers": [(key.encode(), value.encode()) for key, value in said.items()],
             "server": ("127.0.0.1", 8766), "client": ("192.0.2.1", 1), "root_path": "", "http_version": "1.1"}
    asyncio.run(Door(application(tables), place)(scope, receive, send))  # type: ignore[arg-type]
    text = b"".join(each.get("body", b"") for each in sent[1:]).decode()
    kind = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    answer = json.loads(text) if kind.get("content-type", "").startswith("application/json") else text
    return sent[0]["status"], answer, kind


def good(tables: Tables, name: str, given: object = None, **more: str) -> Any:
    status, answer, _ = asked(tables, name, given, **more)  # type: ignore[arg-type]
    assert status in (200, 204), answer
    return answer


def opened(tables: Tables, *roles: str, minutes: float = 0.0, begin: bool = True) -> tuple[dict[str, str], str, str]:
    """Tokens by role, the host's token, and the code of a new room of four quarters."""
    room = good(tables, "room", {"quarters": 4, "minutes": minutes, "run": 17}, x_airace_key=KEY)
    seats = {role: good(tables, "join", {"code": room["code"], "name": f"P {role}", "role": role})["token"]
             for role in roles}
    if begin:
        good(tables, "host", {"do": "begin"}, token=room["token"])
    return seats, room["token"], room["code"]


def round_of(tables: Tables, token: str) -> int:
    return int(good(tables, "state", token=token)["turn"]["played"])


def ready(tables: Tables, token: str, moves: dict[str, Any] | None = None) -> Any:
    return good(tables, "decide", {"round": round_of(tables, token), "moves": moves or {}, "ready": True}, token=token)


# ---- a game of several -----------------------------------------------------------------------------------------------
def test_moves_are_hidden_until_the_round_closes_and_then_known_to_all(tables: Tables) -> None:
    seats, host, _ = opened(tables, "us", "eu")
    ready(tables, seats["us"], {STRICT.format("us"): 0.75})
    for token in (seats["eu"], host):
        shown = json.dumps(good(tables, "state", token=token))
        assert "very strict" not in shown or token == seats["eu"]  # the EU's own choices have these words
        assert '"pending": {"regulation.us' not in shown
        assert good(tables, "state", token=token)["turn"]["taken"] == []
    closed = ready(tables, seats["eu"])
    assert closed["turn"]["played"] == 2
    assert [(each["who"], each["value"]) for each in closed["turn"]["taken"]] == [("The US", "very strict (0.75)")]


def test_the_round_closes_for_who_did_not_decide_when_the_host_says_so_or_time_is_over(
        tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    seats, host, _ = opened(tables, "us", "china", minutes=1.0)
    good(tables, "decide", {"round": 1, "moves": {STRICT.format("us"): 0.75}, "ready": False}, token=seats["us"])
    good(tables, "host", {"do": "close", "round": 1}, token=host)
    state = good(tables, "state", token=seats["china"])
    assert state["turn"]["played"] == 2
    assert len(state["turn"]["taken"]) == 1
    assert 0.0 < state["left"] <= 60.0
    now = time.time() + 61.0
    monkeypatch.setattr("sim.app.play.room.time.time", lambda: now)
    assert good(tables, "state", token=seats["china"])["turn"]["played"] == 3


def test_rooms_do_not_disturb_each_other_and_a_seat_of_one_is_none_in_another(tables: Tables) -> None:
    one, _, _ = opened(tables, "us")
    two, _, _ = opened(tables, "us")
    ready(tables, one["us"], {STRICT.format("us"): 0.75})
    assert round_of(tables, one["us"]) == 2
    assert round_of(tables, two["us"]) == 1
    number, _, secret = one["us"].partition(".us.")
    other = two["us"].partition(".us.")[0]
    assert asked(tables, "state", token=f"{other}.us.{secret}")[0] == 401
    assert number != other


def test_a_room_goes_on_after_the_server_was_started_again_with_what_was_decided_but_not_closed(
        tables: Tables) -> None:
    seats, host, _ = opened(tables, "us", "eu", minutes=5.0)
    ready(tables, seats["us"], {STRICT.format("us"): 0.75})
    ready(tables, seats["eu"])
    ready(tables, seats["us"], {STRICT.format("us"): 0.3})
    before = good(tables, "state", token=seats["us"])
    again = Tables(WORLD, 0, tables.folder, rooms=True, key=KEY)
    assert again.not_opened == []
    after = good(again, "state", token=seats["us"])
    assert after["turn"] == before["turn"]
    assert (after["pending"], after["ready"], after["seats"]) == (before["pending"], before["ready"], before["seats"])
    ready(again, seats["eu"])
    assert round_of(again, seats["us"]) == 3
    assert asked(again, "host", {"do": "close", "round": 3}, token=host)[0] == 200


def test_the_file_of_a_room_is_kept_back_until_the_end_and_written_on_disk_each_round(tables: Tables) -> None:
    seats, _, _ = opened(tables, "us", "china")
    assert asked(tables, "file", token=seats["us"])[0] == 403
    for _ in range(3):
        for role in seats:
            ready(tables, seats[role], {"diplomacy.us_china_cooperation": 0.5})
    text = good(tables, "file", token=seats["china"])
    folder = next(tables.folder.iterdir())
    assert (folder / "game.toml").read_text() == text
    assert text.count("us_china_cooperation") == 1
    assert asked(tables, "decide", {"round": 4, "moves": {}, "ready": True}, token=seats["us"])[:2] == (
        409, {"error": "the game is over"})


def test_an_event_of_the_host_happens_when_the_round_closes_and_is_nobody_s_to_see_before(tables: Tables) -> None:
    seats, host, _ = opened(tables, "us")
    planned = good(tables, "host", {"do": "inject", "kind": "severe_incident", "severity": 1.0, "actor": "OpenAI"},
                   token=host)
    assert len(planned["injects"]) == 1
    assert "injects" not in good(tables, "state", token=seats["us"])
    news = ready(tables, seats["us"])["turn"]["news"]
    assert any(each["kind"] == "severe_incident" and "OpenAI" in each["sentence"] for each in news)
    for wrong in ({"kind": "new_law", "severity": 0.5, "actor": None}, {"kind": "flood", "severity": 0.5},
                  {"kind": "truce", "severity": 7}, {"kind": "truce", "severity": "x"},
                  {"kind": "severe_incident", "severity": 1.0, "actor": "Nobody Ltd"}):
        status, answer, _ = asked(tables, "host", {"do": "inject", **wrong}, token=host)
        assert status == 409, answer
        assert answer["error"]


# ---- cheating --------------------------------------------------------------------------------------------------------
def test_nobody_moves_for_another_seat_nor_decides_what_another_decides(tables: Tables) -> None:
    seats, host, _ = opened(tables, "us", "eu")
    secret = seats["us"].rpartition(".")[2]
    number = seats["us"].partition(".")[0]
    for token in (f"{number}.eu.{secret}", f"{number}.host.{secret}", f"{number}.eu.", f"{number}..", "", "x.y.z",
                  seats["us"] + "x", f"{number}.view."):
        assert asked(tables, "decide", {"round": 1, "moves": {}, "ready": True}, token=token)[0] == 401, token
    assert asked(tables, "decide", {"round": 1, "moves": {STRICT.format("eu"): 0.75}, "ready": True},
                 token=seats["us"])[0] == 409
    assert asked(tables, "decide", {"round": 1, "moves": {}, "ready": True}, token=host)[0] == 403
    assert asked(tables, "host", {"do": "close", "round": 1}, token=seats["us"])[0] == 403
    assert asked(tables, "back", token=seats["us"])[0] == 403
    assert asked(tables, "debrief", token=seats["us"])[0] == 409
    assert not any(seat["ready"] for seat in good(tables, "state", token=host)["seats"])


def test_a_move_of_an_old_round_or_of_a_coming_one_is_refused(tables: Tables) -> None:
    seats, host, _ = opened(tables, "us")
    ready(tables, seats["us"])
    for round_ in (1, 0, 3, -1, None, "2", True, 2.5, [2]):
        move = {"round": round_, "moves": {STRICT.format("us"): 0.9}, "ready": True}
        status, answer, _ = asked(tables, "decide", move, token=seats["us"])
        assert (status, round_of(tables, seats["us"])) == (409, 2), (round_, answer)
    assert asked(tables, "host", {"do": "close", "round": 1}, token=host)[0] == 409


def test_a_seat_is_taken_once_and_given_anew_by_the_host_alone(tables: Tables) -> None:
    seats, host, code = opened(tables, "us")
    taken = asked(tables, "join", {"code": code, "name": "Thief", "role": "us"})
    assert taken[0] == 409
    assert "not free" in taken[1]["error"]
    assert asked(tables, "join", {"code": code, "name": "Late", "role": "eu"})[0] == 409  # it began without the EU
    good(tables, "host", {"do": "vacate", "role": "us"}, token=host)
    assert asked(tables, "state", token=seats["us"])[0] == 401
    again = good(tables, "join", {"code": code, "name": "P us", "role": "us"})["token"]
    assert round_of(tables, again) == 1


def test_codes_are_long_differ_and_guessing_is_slowed_down(tables: Tables) -> None:
    codes = {opened(tables, begin=False)[2] for _ in range(5)}
    assert len(codes) == 5
    assert all(len(code) == 12 for code in codes)
    statuses = [asked(tables, "look", {"code": f"AAAA-AAAA-{number:04d}"})[0] for number in range(14)]
    assert statuses[:10] == [404] * 10
    assert set(statuses[10:]) == {429}
    assert asked(tables, "look", {"code": None})[0] == 429
    code = codes.pop()
    assert asked(tables, "look", {"code": f"{code[:4]}-{code[4:8]} {code[8:].lower()}"})[0] == 200  # as people type it


def test_only_the_host_s_link_opens_games(tables: Tables) -> None:
    for key in ("", "x", KEY + "x"):
        assert asked(tables, "room", {"quarters": 4}, x_airace_key=key)[0] == 403
        assert asked(tables, "solo", {"quarters": 4, "role": "us"}, x_airace_key=key)[0] == 403
    status, answer, _ = asked(tables, "solo", {"quarters": 4, "role": "pirates"}, x_airace_key=KEY)
    assert (status, "there is no role 'pirates'; there are us, china" in answer["error"]) == (409, True)


@pytest.mark.parametrize("given", [b"{", b"[]", b"null", b'"x"', b"[" * 5000, b"\xff\xfe", b'{"quarters": 1e999}',
                                   b'{"quarters": "4"}', b'{"quarters": true}', b'{"quarters": 4, "run": -1}',
                                   b'{"quarters": 4, "minutes": "soon"}', b'{"quarters": 4, "minutes": 1e9}'])
def test_what_makes_no_sense_is_refused_in_words(tables: Tables, given: bytes) -> None:
    status, answer, _ = asked(tables, "room", given, x_airace_key=KEY)
    assert status in (400, 409), answer
    assert answer["error"]
    assert tables.rooms == {}


@pytest.mark.parametrize("moves", [None, [], "x", {"regulation.us.strictness": "0.75"}, {"__proto__": 1},
                                   {"regulation.us.strictness": None}, {"regulation.us.strictness": [0.75]},
                                   {f"x{number}": 0.0 for number in range(41)}])
def test_moves_that_are_none_are_refused_in_words(tables: Tables, moves: object) -> None:
    seats, _, _ = opened(tables, "us")
    status, answer, _ = asked(tables, "decide", {"round": 1, "moves": moves, "ready": True}, token=seats["us"])
    assert status == 409
    assert answer["error"]


def test_a_huge_body_is_read_no_further_than_a_request_may_be_long(tables: Tables) -> None:
    assert asked(tables, "about", b" " * (MOST_BYTES + 1))[0] == 413
    assert asked(tables, "about", b"{}" + b" " * (MOST_BYTES - 2))[0] == 200


def test_names_are_text_short_and_without_control_characters(tables: Tables) -> None:
    room = good(tables, "room", {"quarters": 4}, x_airace_key=KEY)
    for role, name in (("us", "<b onclick=x>\u202eA\x1b[31m\n</b>" + "x" * 99), ("eu", "  "), ("china", "\u200b")):
        status, answer, _ = asked(tables, "join", {"code": room["code"], "name": name, "role": role})
        assert status == (200 if role == "us" else 409), answer
    shown = good(tables, "state", token=room["token"])["seats"][0]["name"]
    assert shown.startswith("<b onclick=x>A")
    assert len(shown) <= 24
    assert shown.isprintable()
    page = Path(serve.__file__).with_name("page") / "play.js"
    assert "innerHTML" not in page.read_text()
    assert "insertAdjacentHTML" not in page.read_text()


@pytest.mark.parametrize("headers", [
    {"host": "evil.example"}, {"host": "evil.example:8766"}, {"host": "127.0.0.1.evil.example"}, {"host": ""},
    {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:9999"},
    {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}])
def test_another_page_or_a_name_made_to_point_here_is_refused(tables: Tables, headers: dict[str, str]) -> None:
    for place in (HERE, OPEN):
        status, answer, said = asked(tables, "about", place=place, **headers)
        assert status == 403, answer
        assert {name: said[name] for name in HEADERS} == dict(HEADERS)


def test_others_reach_an_open_room_by_an_address_but_by_no_foreign_name(tables: Tables) -> None:
    assert asked(tables, "about", place=OPEN, host="192.0.2.7:8766", origin="http://192.0.2.7:8766")[0] == 200
    assert asked(tables, "about", place=OPEN, host="[2001:db8::1]:8766")[0] == 200
    assert asked(tables, "about", place=HERE, host="192.0.2.7:8766")[0] == 403


def test_the_page_may_load_nothing_inline_and_nothing_from_elsewhere(tables: Tables) -> None:
    status, page, said = asked(tables, "", path="/", method="GET")
    assert status == 200
    assert "unsafe" not in said["content-security-policy"]
    assert "default-src 'none'" in said["content-security-policy"]
    assert "style=" not in page
    assert "<script>" not in page
    assert asked(tables, "", path="/../room.json", method="GET")[0] == 404
    assert asked(tables, "nothing")[0] == 404
    assert asked(tables, "about", method="GET")[0] == 405


def test_a_pace_lets_so_many_through_in_its_time_by_each_key(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sim.app.play.door.time.monotonic", lambda: now[0])
    pace = Pace(2, 10.0)
    assert [pace.allows("a"), pace.allows("a"), pace.allows("a"), pace.allows("b")] == [True, True, False, True]
    now[0] = 10.5
    assert pace.allows("a")


# ---- kept games ------------------------------------------------------------------------------------------------------
def test_a_kept_game_of_another_version_or_one_that_was_edited_is_not_opened_and_told_of(tables: Tables) -> None:
    seats, _, _ = opened(tables, "us")
    ready(tables, seats["us"], {STRICT.format("us"): 0.75})
    path = next(tables.folder.glob("*/room.json"))
    kept = path.read_text()
    for text, message in ((kept.replace('"airace": "', '"airace": "9'), "was saved by airace 9"),
                          (kept.replace("0.75", "0.9"), "was edited"), (kept[:100], "cannot be read"),
                          ("[]", "cannot")):
        path.write_text(text)
        with pytest.raises(SavedGameError, match=message):
            Room.load(path.parent)
        again = Tables(WORLD, 0, tables.folder, rooms=True, key=KEY)
        assert len(again.not_opened) == 1
        assert asked(again, "state", token=seats["us"])[0] == 401
    path.write_text(kept)
    assert Room.load(path.parent).game is not None
    assert seats["us"].rpartition(".")[2] not in kept  # what is kept opens no seat


def test_all_roles_can_sit_in_one_room(tables: Tables) -> None:
    seats, _, _ = opened(tables, *ROLES)
    assert len(good(tables, "state", token=seats["labs"])["seats"]) == 6
