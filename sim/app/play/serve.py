"""The server of games: a page, its script and style, and an interface in JSON that the page speaks.

Starlette rather than Solara, which draws the cockpit: six browsers share a room, each with a secret of its own, moves
are hidden from each other, a page that lost its connection asks again and is where it was, and tests speak with it
without a browser. Solara keeps the state of a page in its connection; here all of it stands in the room on disk.
"""

from __future__ import annotations

import json
import logging
import secrets
import socket
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sim.app.guard import same
from sim.app.place import Place
from sim.app.play.door import MOST_BYTES, Door, Pace
from sim.app.play.game import FEWEST_QUARTERS, MOST_QUARTERS, GameError
from sim.app.play.roles import ROLES, told_of
from sim.app.play.room import HOST, VIEW, NotAllowedError, Room, SavedGameError
from sim.common.language import (
    ENGLISH,
    LANGUAGES,
    LanguageError,
    asked_by_browser,
    for_script,
    gettext,
    known,
    language,
    noted,
    speaking,
)
from sim.model.parameters import event_kinds
from sim.report.pages.page import environment
from sim.report.words.levers import PLACES
from sim.report.words.names import called
from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

MOST_ROOMS = 100
MOST_RUN = 999_999
RANDOM_RUNS = 1000
LENGTHS = ((12, noted("three years")), (24, noted("six years")), (40, noted("ten years")))
GRACE_SECONDS = 2
MOST_CONNECTIONS = 256
_FILES = {"/play.js": ("sim.app.play", "page/play.js", "text/javascript"),
          "/language.js": ("sim.report.pages", "templates/language.js", "text/javascript"),
          "/play.css": ("sim.app.play", "page/play.css", "text/css")}
log = logging.getLogger(__name__)


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """What is answered instead: a status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Tables:
    """All rooms of a server. `key` is asked of whoever opens one, where others can reach the server or rooms are on.

    `language` is that of the page unless its link names another; without it each browser's own.
    """

    def __init__(self, world: Scenario, seed: int, folder: Path, *, rooms: bool, key: str = "",
                 language: str = "") -> None:
        self.language = language
        self.world, self.seed, self.folder, self.rooms_on, self.key = world, seed, folder, rooms, key
        self.rooms: dict[str, Room] = {}
        self.not_opened: list[str] = []
        self.guesses, self.all_guesses = Pace(10, 60.0), Pace(200, 60.0)
        self.requests, self.asking = Pace(60, 10.0), Pace(10, 10.0)
        for path in sorted(folder.glob("*/room.json")):
            try:
                room = Room.load(path.parent)
            except SavedGameError as error:
                self.not_opened.append(str(error))
                continue
            self.rooms[room.id] = room

    def of(self, token: str, who_asks: str) -> tuple[Room, str]:
        """The room of a token, and who speaks in it; Refusal for a token that is none."""
        number, _, rest = token.partition(".")
        who, _, secret = rest.partition(".")
        room = self.rooms.get(number)
        if room is None or not room.is_known(who, secret):
            if not (self.guesses.allows(who_asks) and self.all_guesses.allows("")):
                raise Refusal(429, gettext("too many tries; wait a minute"))
            raise Refusal(401, gettext("this seat is not known here: it was given to somebody else, or the game is of "
                                       "another server; join again with the code"))
        if not self.requests.allows(token):
            raise Refusal(429, gettext("too many requests; wait a few seconds"))
        return room, who

    def by_code(self, code: object, who_asks: str) -> Room:
        """The room that a code opens; Refusal for one that opens none, and for who guesses."""
        given = str(code).strip().upper().replace("-", "").replace(" ", "")[:40]
        found = None
        for room in list(self.rooms.values()):  # all are looked at, so that time tells nothing
            if room.code and same(given, room.code):
                found = room
        if found is None:
            if not (self.guesses.allows(who_asks) and self.all_guesses.allows("")):
                raise Refusal(429, gettext("too many tries; wait a minute"))
            raise Refusal(404, gettext("no room has this code; the host has it on the screen"))
        return found

    def add(self, room: Room) -> None:
        """Take in a new room; Refusal where there are too many."""
        if len(self.rooms) >= MOST_ROOMS:
            raise Refusal(409, gettext("there are {most} games already; end airace play and move its folder away",
                                       most=MOST_ROOMS))
        self.rooms[room.id] = room

    def may_open(self, key: str, who_asks: str) -> None:
        """Refusal unless a game may be opened with this key."""
        if self.key and not same(key, self.key):
            if not self.guesses.allows(who_asks):
                raise Refusal(429, gettext("too many tries; wait a minute"))
            raise Refusal(403, gettext("only the host opens games here: by the link that airace play printed"))


# ---- the interface ---------------------------------------------------------------------------------------------------
Answer = dict[str, Any] | list[Any] | str | None
Work = Callable[[Tables, Mapping[str, Any], "Asker"], Answer]


class Asker:
    """Who asks: the token and the key that a request carries, and the address that it comes from."""

    def __init__(self, token: str, key: str, address: str) -> None:
        self.token, self.key, self.address = token, key, address


def about(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:  # noqa: ARG001
    """What can be played here."""
    return {"roles": [told_of(role) for role in ROLES.values()],
            "lengths": [[quarters, gettext(words)] for quarters, words in LENGTHS],
            "world": tables.world.title, "question": tables.world.question, "seed": tables.seed,
            "rooms": tables.rooms_on, "key": bool(tables.key)}


def solo(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """Begin a game alone."""
    tables.may_open(asker.key, asker.address)
    room, token = Room.for_one(tables.world, tables.seed, _run(given), _whole(given, "quarters", FEWEST_QUARTERS,
                               MOST_QUARTERS), str(given.get("role", "")), tables.folder)
    tables.add(room)
    return {"token": token}


def open_room(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """Open a room."""
    if not tables.rooms_on:
        raise Refusal(403, gettext("this server has no rooms; start it with airace play --room"))
    tables.may_open(asker.key, asker.address)
    minutes = given.get("minutes", 0)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        raise Refusal(400, gettext("minutes are a number"))
    room, tokens = Room.open(tables.world, tables.seed, _run(given), _whole(given, "quarters", FEWEST_QUARTERS,
                             MOST_QUARTERS), float(minutes), tables.folder)
    tables.add(room)
    return {"token": tokens[HOST], "view": tokens[VIEW], "code": room.code}


def look(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """Which seats of a room are free, for who has its code."""
    room = tables.by_code(given.get("code"), asker.address)
    return {"phase": room.phase, "free": [told_of(ROLES[role]) for role in room.free()]}


def join(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """Take a seat."""
    room = tables.by_code(given.get("code"), asker.address)
    name = given.get("name", "")
    return {"token": room.join(name if isinstance(name, str) else "", str(given.get("role", "")))}


def state(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """What the page shows; nothing if it is as it was."""
    room, who = tables.of(asker.token, asker.address)
    since = given.get("since")
    return room.state(who, since if isinstance(since, int) else None)


def decide(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """A seat's moves."""
    room, role = _seat(tables, asker)
    room.decide(role, given.get("round", ""), given.get("moves"), given.get("ready") is True)
    return room.state(role)


def ask(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """The advisor."""
    room, role = _seat(tables, asker)
    if not tables.asking.allows(asker.token):
        raise Refusal(429, gettext("the advisor needs a moment; ask again in a few seconds"))
    return room.ask(role, given.get("round", ""), given.get("moves"))


def back(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:  # noqa: ARG001
    """A quarter back, alone."""
    room, role = _seat(tables, asker)
    room.back()
    return room.state(role)


def host(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:
    """What the host does: begin, close a round, let something happen, give a seat anew."""
    room, who = tables.of(asker.token, asker.address)
    if who != HOST:
        raise Refusal(403, gettext("only the host does this"))
    what = given.get("do")
    if what == "begin":
        room.begin()
    elif what == "close":
        room.close(given.get("round", ""))
    elif what == "inject":
        room.inject(given.get("kind"), given.get("severity"), given.get("actor"))
    elif what == "take back":
        room.take_back_injects()
    elif what == "vacate":
        room.vacate(str(given.get("role", "")))
    else:
        raise Refusal(400, gettext("the host begins, closes, injects, takes back or vacates"))
    return room.state(who)


def events(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:  # noqa: ARG001
    """What a host can let happen."""
    from sim.model.parameters import JURISDICTIONS, start_rows

    rows = start_rows(tables.world.start)
    actors = {"lab": list(rows["labs"]), "nation": list(rows["nations"]), "jurisdiction": list(JURISDICTIONS)}
    return [{"kind": kind.name, "name": gettext(kind.name.replace("_", " ")), "text": gettext(kind.text),
             "required": bool(kind.required),
             "actors": [[each, called(PLACES.get(each, each) if language() != ENGLISH else each)]
                        for each in list(kind.names) or actors.get(kind.actor, [])]} for kind in event_kinds().values()]


def debrief(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:  # noqa: ARG001
    """What decisions changed."""
    room, who = tables.of(asker.token, asker.address)
    return {**room.debrief(), "you": who if who in ROLES else ""}


def file(tables: Tables, given: Mapping[str, Any], asker: Asker) -> Answer:  # noqa: ARG001
    """The game as a scenario file."""
    room, _ = tables.of(asker.token, asker.address)
    if not room.alone and room.phase != "over":
        raise Refusal(403, gettext("the file is there once the game is over"))
    return room.text()


WORKS: Mapping[str, Work] = {"about": about, "solo": solo, "room": open_room, "look": look, "join": join,
                             "state": state, "decide": decide, "ask": ask, "back": back, "host": host,
                             "events": events, "debrief": debrief, "file": file}


def _seat(tables: Tables, asker: Asker) -> tuple[Room, str]:
    room, who = tables.of(asker.token, asker.address)
    if who not in ROLES:
        raise Refusal(403, gettext("only players decide"))
    return room, who


def _whole(given: Mapping[str, Any], name: str, low: int, high: int) -> int:
    number = given.get(name)
    if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
        raise Refusal(400, gettext("{name} is a whole number from {low} to {high}", name=gettext(name), low=low,
                                   high=high))
    return number


def _run(given: Mapping[str, Any]) -> int:
    """The run's number: the one that is asked for, or any."""
    return secrets.randbelow(RANDOM_RUNS) if given.get("run") is None else _whole(given, "run", 0, MOST_RUN)


# ---- serving ---------------------------------------------------------------------------------------------------------
def application(tables: Tables) -> Starlette:
    """The web application of the rooms."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse, PlainTextResponse
    from starlette.responses import Response as Answered
    from starlette.routing import Route

    async def page(request: Request) -> Response:
        with speaking(_wished(request, tables.language)):
            return Answered(_page(), media_type="text/html", headers={"vary": "accept-language"})

    async def file(request: Request) -> Response:
        package, name, kind = _FILES[request.url.path]
        return Answered(resources.files(package).joinpath(name).read_bytes(), media_type=kind)

    async def api(request: Request) -> Response:
        with speaking(_wished(request, tables.language)):
            return await answered(request)

    async def answered(request: Request) -> Response:
        work = WORKS.get(request.path_params["name"])
        if work is None:
            return JSONResponse({"error": gettext("there is nothing of that name")}, 404)
        try:
            given = await _body(request)
            token = request.headers.get("authorization", "").removeprefix("Bearer ")[:200]
            address = request.client.host if request.client else ""
            asker = Asker(token, request.headers.get("x-airace-key", "")[:200], address)
            answer = await run_in_threadpool(work, tables, given, asker)
        except Refusal as error:
            return JSONResponse({"error": str(error)}, error.status)
        except NotAllowedError as error:
            return JSONResponse({"error": str(error)}, 403)
        except GameError as error:
            return JSONResponse({"error": str(error)}, 409)
        except OSError as error:
            return JSONResponse({"error": gettext("the game could not be saved: {reason}",
                                                  reason=error.strerror or error)}, 500)
        if answer is None:
            return Answered(status_code=204)
        return PlainTextResponse(answer) if isinstance(answer, str) else JSONResponse(answer)

    return Starlette(routes=[Route("/", page), *(Route(path, file) for path in _FILES),
                             Route("/api/{name}", api, methods=["POST"])])


def _wished(request: Request, first: str) -> str:
    """The language of an answer: the one that the link names, else the `first` of the command, else the browser's.

    The page asks with the language that it is in, so that one page never speaks two.
    """
    for wish in (request.query_params.get("lang"), request.headers.get("x-airace-language"), first):
        try:
            if wish:
                return known(wish)
        except LanguageError:
            continue
    return asked_by_browser(request.headers.get("accept-language", ""))


def _page() -> str:
    """The page in the language in use, with the messages of its script."""
    scripts = [resources.files(package).joinpath(name).read_text(encoding="utf-8")
               for package, name, kind in _FILES.values() if kind == "text/javascript"]
    words = json.dumps(for_script(scripts), ensure_ascii=False).replace("<", "\\u003c")
    template = resources.files("sim.app.play").joinpath("page/play.html.j2").read_text(encoding="utf-8")
    return environment().from_string(template).render(spoken=language(), languages=LANGUAGES, words=Markup(words))


async def _body(request: Request) -> Mapping[str, Any]:
    """A request's body, read no further than it may be long; Refusal for one that is no JSON object."""
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            raise Refusal(413, gettext("a request has at most {most} bytes", most=MOST_BYTES))
    try:
        given = json.loads(read or b"{}")
    except (ValueError, RecursionError):
        raise Refusal(400, gettext("a request is a JSON object")) from None
    if not isinstance(given, dict):
        raise Refusal(400, gettext("a request is a JSON object"))
    return given


def run(listening: socket.socket, place: Place, tables: Tables, ready: Callable[[], None]) -> None:
    """Serve on a bound socket until interrupted; `ready` is called once it answers."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    logging.basicConfig(level=logging.ERROR, force=True)
    config = uvicorn.Config(Door(application(tables), place), log_config=None, access_log=False, server_header=False,
                            timeout_graceful_shutdown=GRACE_SECONDS, ws="none", lifespan="off",
                            limit_concurrency=MOST_CONNECTIONS)
    Server(config).run(sockets=[listening])
