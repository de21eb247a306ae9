"""Saved studies in the cockpit: the numbers of the study's own page, links that open the very policy, refusals."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_folders import made_advice, made_game
from typer.testing import CliRunner

from sim.app import serve
from sim.app.guard import STRICT, Guard
from sim.app.place import Place
from sim.app.saved import pages
from sim.app.saved.folders import Saved, read
from sim.app.saved.front import status
from sim.app.saved.link import link
from sim.app.view import read as read_link
from sim.cli.commands import app
from sim.common.numbers import percent
from sim.report.pages import advise as advise_page
from sim.report.pages import game as game_page
from sim.report.words.advise import names
from sim.scenario.scenario import Scenario
from sim.studies.deciding import advise, game
from sim.studies.deciding.advice import Advice
from sim.studies.deciding.game import Game
from sim.studies.keeping.folders import StoreError

pytest.importorskip("pymoo")
HERE = Place.of("127.0.0.1", 8765)


@pytest.fixture(scope="module")
def advice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Advice]:
    folder = tmp_path_factory.mktemp("saved") / "advice"
    return folder, made_advice(folder)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Game]:
    folder = tmp_path_factory.mktemp("saved") / "game"
    return folder, made_game(folder)


@pytest.fixture(scope="module")
def front(advice: tuple[Path, Advice]) -> Saved:
    return read(advice[0])


@pytest.fixture(scope="module")
def payoffs(played: tuple[Path, Game]) -> Saved:
    return read(played[0])


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ---- the numbers -----------------------------------------------------------------------------------------------------
def test_a_folder_gives_the_very_study_back_with_nothing_run_and_nothing_written(advice, played, monkeypatch):
    from sim.studies.deciding import futures

    monkeypatch.setattr(futures, "run_batch", lambda _: pytest.fail("it ran"))
    before = everything(advice[0]), everything(played[0])
    assert json.dumps(advise_page.record(advise.kept(advice[0]))) == json.dumps(advise_page.record(advice[1]))
    as_json = [json.dumps(game_page.record(each), default=float) for each in (game.kept(played[0]), played[1])]
    assert as_json[0] == as_json[1]
    assert (everything(advice[0]), everything(played[0])) == before


def test_points_of_a_front_are_the_numbers_of_its_page_and_of_its_table(advice, front):
    found = advice[1]
    table, as_page = found.table(), advise_page.policies_table(found)
    for row, place in enumerate(found.told):
        name = names(found)[place]
        assert front.shown["policies"][place]["name"] == name
        of_policy = table[table["policy"] == found.policies[place].name]
        for number in range(len(found.question.aims)):
            axis = front.shown["axes"][number]
            assert axis["values"][place] == of_policy["mean"].iloc[number]
            low, high = axis["ends"][place]
            assert high - low == pytest.approx(of_policy["high"].iloc[number] - of_policy["low"].iloc[number])
            assert axis["texts"][place].replace(" against today", "") == as_page.rows[row][number + 1]
            cells = front.shown["policies"][place]["detail"]["tables"][0]["rows"][number]
            assert [*as_page.rows[row][number + 1].split("; "), "-"][1] == cells[2]
    as_told = {row[0]: row[1:] for row in advise_page.criteria_table(found).rows}
    for place in found.told:
        cells = [row[1] for row in front.shown["policies"][place]["detail"]["tables"][1]["rows"]]
        assert [cell.lstrip("+") for cell in cells] == [cell.lstrip("+") for cell in as_told[names(found)[place]]]


def test_the_ranges_of_criteria_hold_them_and_today_is_nil_against_itself(advice):
    standing = advice[1].standing
    for key, interval in standing.ranges.items():
        assert np.all(interval.low <= interval.estimate + 1e-12), key
        assert np.all(interval.estimate <= interval.high + 1e-12), key
    for key in ("mean", "worst tenth"):
        assert [float(part[standing.today]) for part in standing.ranges[key]] == [0.0, 0.0, 0.0]
    # Of a mean of differences over 48 draws: nearly two standard errors to each side.
    score = standing.by_draw(standing.score)
    against = score[0] - score[standing.today]
    error = against.std(ddof=1) / np.sqrt(len(against))
    half = float(standing.ranges["mean"].high[0] - standing.ranges["mean"].low[0]) / 2.0
    assert half == pytest.approx(1.96 * error, rel=0.25)


def test_dominated_tied_and_limit_breaking_policies_are_told_apart(advice, front):
    found, standing = advice[1], advice[1].standing
    stands = [each["status"] for each in front.shown["policies"]]
    assert stands == [status(found, place) for place in range(standing.policies)]
    assert stands[found.hands_off] == "broken", "5 incidents, where at most 4.95 are asked"
    assert stands[standing.advised] == "front"
    assert {"front", "broken"} <= set(stands) <= set(front.shown["status"])
    for place, each in enumerate(front.shown["policies"]):
        assert each["tied"] == [other for other in np.flatnonzero(standing.tied[place]) if other != place]
        ups = [other["place"] for other in each["detail"]["others"]]
        assert ups == standing.runner_ups(place)
        assert place not in ups
    # A cost of 1 in one aim more than another policy that is the same in the other aim: dominated, and by that one.
    copied = replace(standing, costs=np.concatenate([standing.costs[:1], standing.costs[:1] + np.array([0.0, 1.0]),
                                                     standing.costs[1:]]),
                     excess=np.concatenate([standing.excess[:1], standing.excess]), today=standing.today + 1)
    assert 0 in copied.dominating(1)


def test_cells_of_a_game_are_those_of_its_page_and_who_leaves_gains_what_is_said(played, payoffs):
    found = played[1]
    met, shown = found.told_first, payoffs.shown
    study = game_page.told(found)
    tables = {table.caption: table for section in study.sections for table in (*section.tables, *section.folded)}
    profiles = list(np.ndindex(met.stable.shape))
    for who, player in enumerate(found.design.players):
        matrix = next(table for caption, table in tables.items() if "less that of cooperation" in caption
                      and caption.startswith(player.called[0].upper() + player.called[1:]))
        for place, profile in enumerate(profiles):
            has = shown["rounds"][found.main]["cells"][place]["lines"][who]
            on_page = matrix.rows[profile[0]][1 + profile[1]].split("\n")
            assert has == [player.name, on_page[0] if len(on_page) == 1 else f"{on_page[0]} ({on_page[1]})"]
            leaves = game_page.leaves_for(found, met, profile)[player.name]
            if leaves is None:
                assert met.gains[profile][who] == 0.0
                continue
            there = list(profile)
            there[who] = list(player.policies).index(leaves)
            assert met.means[tuple(there)][who] - met.means[profile][who] == pytest.approx(met.gains[profile][who])
            assert met.gains_low[profile][who] <= met.gains[profile][who] <= met.gains_high[profile][who]
    for number, each in enumerate(found.rounds):
        assert [row[number] for row in shown["path"]["texts"]] == [percent(float(each.stable[p])) for p in profiles]


def test_outcomes_of_a_profile_are_the_means_and_spreads_of_its_runs(played):
    from sim.studies.deciding.playing import Played

    folder, found = played
    kept = Played.open(folder).outcomes()
    for place, name in enumerate(found.design.outcomes):
        told = game_page.outcomes(found, found.rounds[1], (1, 0))[name]
        runs = kept[1, 1, 0, :, place]
        assert told["mean"] == pytest.approx(runs.mean(), rel=1e-12)
        assert (told["tenth"], told["ninetieth"]) == tuple(np.quantile(runs, (0.1, 0.9)))
        assert told["low"] <= told["mean"] <= told["high"]


# ---- links -----------------------------------------------------------------------------------------------------------
def test_a_link_opens_the_policy_beside_todays_and_a_profile_beside_cooperation(advice, front, played, payoffs):
    found, made = advice[1], played[1].design
    pairs = [(each["detail"]["link"]["query"], found.question.scenario(found.policies[place], "any"),
              found.question.base) for place, each in enumerate(front.shown["policies"])]
    count = len(payoffs.shown["profiles"])
    for number, each in enumerate(payoffs.shown["rounds"]):
        for place, shown in enumerate(each["details"]):
            before = made.at(made.values[number]) if place == 0 else made.scenario(number * count)
            pairs.append((shown["link"]["query"], made.scenario(number * count + place), before))
    assert len({query for query, _, _ in pairs}) >= 8
    for query, scenario, before in pairs:
        view, refused = read_link(query)
        assert refused == []
        for shown, wanted in ((view.scenario, scenario), (view.baseline, before)):
            assert (dict(shown.levers), shown.changes, shown.whens) == (
                dict(wanted.levers), wanted.changes, wanted.whens), query


def test_what_no_link_holds_gets_none_and_a_policy_taken_back_is_kept_off():
    with_an_event = Scenario.from_dict({"title": "Own", "event": [{"date": "2027-02", "kind": "new_law", "actor": "us",
                                                                   "severity": 0.8}]})
    assert link(with_an_event, with_an_event, 0) is None
    start = Scenario.load("after_an_incident")
    found = link(start, Scenario.load("baseline"), 7)
    assert found is not None
    view, _ = read_link(found.query)
    assert (view.scenario.whens, view.baseline.whens, view.seed) == (start.whens, (), 7)


# ---- refused ---------------------------------------------------------------------------------------------------------
def copied(folder: Path, to: Path) -> Path:
    for name, content in everything(folder).items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_bytes(content)
    return to


def test_folders_without_a_page_are_refused_in_words(tmp_path, advice, played):
    (tmp_path / "compared").mkdir()
    (tmp_path / "compared" / "manifest.json").write_text("{}")
    with pytest.raises(StoreError, match=r"a comparison, which has no page in the cockpit; airace report"):
        read(tmp_path / "compared")
    with pytest.raises(StoreError, match="does not exist"):
        read(tmp_path / "nowhere")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("mine")
    with pytest.raises(StoreError, match="no study of airace"):
        read(tmp_path / "letters")
    damaged = copied(advice[0], tmp_path / "damaged")
    (damaged / "steps" / "judged_00.npy").write_bytes(b"damaged")
    with pytest.raises(StoreError, match=r"judged_00 is missing or not whole; airace resume"):
        read(damaged)
    assert (damaged / "steps" / "judged_00.npy").read_bytes() == b"damaged"
    half = copied(played[0], tmp_path / "half")
    for path in half.glob("shards/*"):
        path.unlink()
    with pytest.raises(StoreError, match=r"0 of 8 profiles are done; airace resume"):
        read(half)


@pytest.mark.parametrize("kind", ["advice", "game"])
def test_a_folder_of_other_rules_or_changed_by_hand_is_refused(kind, tmp_path, advice, played, monkeypatch):
    folder, manifest = (advice[0], "advise.json") if kind == "advice" else (played[0], "game.json")
    changed = copied(folder, tmp_path / "changed")
    told = json.loads((changed / manifest).read_text())
    key = "versions"
    (changed / manifest).write_text(json.dumps({**told, key: {**told[key], "rules": "others"}}))
    with pytest.raises(StoreError, match="changed after it was written"):
        read(changed)
    from sim.engine import provenance
    from sim.studies.deciding import chunks
    from sim.studies.sweeping import sweep

    for module in (chunks, sweep):
        monkeypatch.setattr(module, "versions", lambda: {**provenance.versions(), "rules": "others"})
    with pytest.raises(StoreError, match="begun with another model, which differs in"):
        read(folder)


# ---- the server and the command ------------------------------------------------------------------------------------
def answered(studies: list[Saved], path: str, place: Place = HERE, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of what the guarded pages answer."""
    from starlette.applications import Starlette

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    path, _, query = path.partition("?")
    given = {"host": "127.0.0.1:8765"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
             "scheme": "http", "headers": [(name.encode(), value.encode()) for name, value in given.items()],
             "server": ("127.0.0.1", 8765), "root_path": "", "http_version": "1.1", "client": ("127.0.0.1", 1)}
    asyncio.run(Guard(Starlette(routes=pages.routes(studies)), place)(scope, receive, send))  # type: ignore[arg-type]
    body = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, body


def test_pages_have_no_inline_script_and_a_policy_that_allows_none(front, payoffs):
    studies = [front, payoffs]
    for path in ("/saved/", "/saved/0", "/saved/1", "/saved/1.json", "/saved/saved.js", "/saved/saved.css"):
        status_, headers, text = answered(studies, path)
        assert status_ == 200, path
        assert {name: headers[name] for name in STRICT} == dict(STRICT)
        assert "unsafe" not in headers["content-security-policy"]
        assert "<u>" not in text or path.endswith(".json")
        assert text.count("<script") == text.count('<script src="saved.js"')
        assert " style=" not in text
        assert " onclick" not in text
    assert json.loads(answered(studies, "/saved/0.json")[2]) == front.shown
    assert "Small &lt;u&gt;game&lt;/u&gt;" in answered(studies, "/saved/1")[2]


@pytest.mark.parametrize("path", ["/saved/2", "/saved/2.json", "/saved/-1", "/saved/advice", "/saved/../etc/passwd",
                                  "/saved/0/..%2f..%2fgame.json", "/saved//etc/passwd", "/saved/0.json/x"])
def test_nothing_but_the_studies_named_at_the_start_is_answered(path, front, payoffs):
    assert answered([front, payoffs], path)[0] == 404


def test_pages_are_guarded_as_the_cockpit_is(front):
    assert answered([front], "/saved/0.json", origin="http://evil.example")[0] == 403
    assert answered([front], "/saved/0.json", host="evil.example")[0] == 403
    assert answered([front], "/saved/0.json", sec_fetch_site="cross-site", sec_fetch_mode="navigate",
                    sec_fetch_dest="document")[0] == 403
    assert answered([front], "/saved/0", sec_fetch_site="cross-site", sec_fetch_mode="navigate",
                    sec_fetch_dest="iframe")[0] == 403
    abroad = Place.of("0.0.0.0", 8765)
    assert answered([front], "/saved/0", abroad)[0] == 403
    status_, headers, _ = answered([front], f"/saved/0?token={abroad.token}", abroad)
    assert (status_, headers["location"]) == (303, "/saved/0")
    assert answered([front], f"/saved/0.json?token={abroad.token}", abroad)[0] == 403
    assert answered([front], "/saved/0.json", abroad, cookie=headers["set-cookie"].split(";")[0])[0] == 200


def test_the_command_opens_the_study_and_refuses_what_has_no_page_before_it_serves(advice, tmp_path, monkeypatch):
    served: list[Any] = []

    def run(_: Any, __: Place, ready: Any, studies: Any = ()) -> None:
        served.append([each.title for each in studies])
        ready()

    monkeypatch.setattr(serve, "run_cockpit", run)
    done = CliRunner().invoke(app, ["app", str(advice[0]), "--port", "0", "--no-browser"])
    assert done.exit_code == 0, done.stderr
    assert served == [["Made up"]]
    assert "/saved/0\n" in done.stderr
    refused = CliRunner().invoke(app, ["app", str(tmp_path), "--port", "0", "--no-browser"])
    assert refused.exit_code != 0
    assert "the cockpit shows games and advice" in " ".join(refused.stderr.split())
    refused = CliRunner().invoke(app, ["app", str(advice[0]), "--mesa", "--no-browser"])
    assert refused.exit_code == 2
    assert served == [["Made up"]]
    assert pages.links([]) == ""
