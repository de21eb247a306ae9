"""The page of the cockpit: a view, the levers that change it, and what is to be seen, each in its own part.

State belongs to a visitor's page alone; only the engine is shared, and it forgets who asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import solara

from sim.app.desk import RUNS, Desk, Screen
from sim.app.engine import Engine
from sim.app.in_time import FormError, on_page
from sim.app.in_time import catalogue as in_time_offered
from sim.app.levers import catalogue, in_words
from sim.app.outcomes import choices
from sim.app.view import View, for_everybody, read
from sim.engine.uncertainty import DEFAULT
from sim.engine.uncertainty import in_words as beliefs_in_words
from sim.report.words.names import opening
from sim.scenario.scenario import ScenarioError

engine = Engine()
"""Shared by all visitors: processes, and results that are never changed."""


@solara.component_vue("page/levers.vue", vuetify=False)
def Levers(  # noqa: N802
    groups: list[dict[str, Any]],
    now: dict[str, Any],
    event_move: Callable[[dict[str, Any]], None],
    event_press: Callable[[str], None],
) -> None:
    """The levers. `now` holds `values` and `words` by path, `changed` (what the baseline has where it differs), `moved`
    (whether anything differs), and `answered`, the number of the last move that it takes account of; a move brings its
    own number. `wrong` says by path why a field's value was not taken."""


@solara.component_vue("page/policies.vue", vuetify=False)
def Policies(  # noqa: N802
    offered: dict[str, Any],
    shown: dict[str, Any],
    answer: dict[str, Any],
    event_decide: Callable[[dict[str, Any]], None],
    event_remove: Callable[[list[str]], None],
) -> None:
    """The policies in time: what forms have `offered`, what is `shown` of those there are. `answer` holds the number of
    the last form that was sent, and what is wrong with it, by key of the policy's table; a form brings its number."""


@solara.component_vue("page/sheet.vue", vuetify=False)
def Sheet(changed: int) -> None:  # noqa: N802
    """On a phone, the button that opens the levers as a sheet over the charts; it says how many are `changed`."""


@solara.component_vue("page/outcomes.vue", vuetify=False)
def Outcomes(  # noqa: N802
    screen: dict[str, Any],
    values: dict[str, Any],
    shown: dict[str, Any],
    choices: list[dict[str, str]],
    event_charts: Callable[[list[str]], None],
    event_ask: Callable[[dict[str, str]], None],
) -> None:
    """Sentences and fan charts; `values` is what each month of them shows. `shown` says whether they show the
    `difference` and which of them is `presented`, as the view has it by now; both can be asked for."""


@solara.component_vue("page/map.vue", vuetify=False)
def Map(  # noqa: N802
    map: dict[str, Any],
    mapped: str,
    choices: list[dict[str, str]],
    event_choose: Callable[[str], None],
) -> None:
    """The map of strictness and cooperation for a chosen outcome."""


@solara.component_vue("page/story.vue", vuetify=False)
def Story(  # noqa: N802
    story: dict[str, Any],
    run: int,
    seed: int,
    command: str,
    regime: str,
    anonymous: bool,
    always_anonymous: bool,
    wrong: dict[str, str],
    event_go: Callable[[dict[str, Any]], None],
) -> None:
    """One run, with its number to step through, and the command that tells the same run in words; `wrong` says of a
    field why what was written there was not taken."""


@solara.component_vue("page/downloads.vue", vuetify=False)
def Downloads(query: str, moved: bool, command: str, remarks: list[str]) -> None:  # noqa: N802
    """Links to files, and what the numbers cannot tell."""


@solara.component_vue("page/address.vue", vuetify=False)
def Address(query: str, refused: list[str]) -> None:  # noqa: N802
    """Keeps the browser's address in step with the view; lists what of a link was refused."""


@solara.component
def Layout(children: Any = ()) -> Any:  # noqa: N802
    """No frame of Solara's own."""
    return solara.v.Html(tag="div", children=list(children))


@solara.component
def Page() -> None:  # noqa: N802
    """The cockpit for one visitor."""
    search = solara.use_router().search or ""
    first, at_first_refused = solara.use_memo(lambda: read(search), [])
    view, set_view = solara.use_state(first)
    refused, set_refused = solara.use_state(at_first_refused)
    screen, set_screen = solara.use_state(Screen(first), eq=lambda one, other: one is other)
    answered, set_answered = solara.use_state(0)
    answer, set_answer = solara.use_state({"number": 0, "wrong": {}})
    wrong, set_wrong = solara.use_state(dict[str, str]())
    in_time = solara.use_memo(lambda: on_page(view.scenario, view.baseline), [view])
    desk = solara.use_memo(lambda: Desk(engine, first, set_screen, visitor_is_here()), [])
    solara.use_effect(lambda: desk.close, [])
    # Which chart is presented is no matter for the desk: it draws them all.
    drawn = replace(view, presented="")
    solara.use_effect(lambda: desk.look(drawn), [drawn])

    def change(to: Callable[[], View], field: str = "") -> None:
        """Change the view, or say at the field, or else above, why not."""
        try:
            set_view(to())
            set_refused([])
            set_wrong({})
        except (KeyError, ValueError, ScenarioError) as error:
            said = error.problems[0].message if isinstance(error, ScenarioError) else str(error)
            set_wrong({field: f"{opening(said)}."} if field else {})
            set_refused([] if field else [f"{said}; it is left as it was."])

    def press(button: str) -> None:
        change({"pin": view.pin, "reset": view.reset, "start": View}[button])

    def move(moved: dict[str, Any]) -> None:
        path = str(moved["path"])
        change(lambda: view.move(path, moved["value"]), path)
        set_answered(int(moved["number"]))

    def go(to: dict[str, Any]) -> None:
        change(lambda: view.ask(**to), next(iter(to)))

    def decide(asked: dict[str, Any]) -> None:
        wrong: dict[str, str] = {}
        try:
            texts = {str(key): str(text) for key, text in asked["texts"].items()}
            set_view(view.decide(str(asked["group"]), str(asked["name"]), texts, bool(asked["new"])))
            set_refused([])
        except FormError as error:
            wrong = error.wrong
        set_answer({"number": int(asked["number"]), "wrong": wrong})

    with solara.v.Html(tag="main", class_="cockpit presenting" if view.presented else "cockpit"):
        Address(query=view.query(), refused=refused)
        with solara.v.Html(tag="div", class_="moved"):
            Levers(groups=list(catalogue()), now=_levers_now(view, answered, wrong), event_move=move, event_press=press)
            Policies(offered=in_time_offered(), shown=in_time, answer=answer, event_decide=decide,
                     event_remove=lambda key: change(lambda: view.take_back(str(key[0]), str(key[1]))))
        Sheet(changed=len(view.levers) + len(view.policies))
        Outcomes(screen=_seen(screen), values=screen.values, shown={"difference": view.difference,
                 "presented": view.presented, "moved": not view.unmoved}, choices=choices(),
                 event_charts=lambda names: change(lambda: view.ask(charts=",".join(names))),
                 event_ask=lambda to: change(lambda: view.ask(**to)))
        with solara.v.Html(tag="div", class_="lower"):
            Map(map=screen.map, mapped=view.mapped, choices=choices(),
                event_choose=lambda name: change(lambda: view.ask(map=name)))
            Story(story=screen.story, run=view.run, seed=view.seed, command=view.command,
                  regime=beliefs_in_words(DEFAULT), anonymous=view.anonymous,
                  always_anonymous=for_everybody.anonymous, event_go=go,
                  wrong={name: wrong[name] for name in ("run", "seed") if name in wrong})
            Downloads(query=view.query(), moved=not view.unmoved, command=view.compare_command,
                      remarks=list(screen.remarks))


def visitor_is_here() -> Callable[[], bool]:
    """For the visitor whose page is being made: whether it is connected, asked at any later time."""
    from solara.server import kernel_context

    context = kernel_context.get_current_context()
    return lambda: kernel_context.PageStatus.CONNECTED in tuple(context.page_status.values())


def _levers_now(view: View, answered: int, wrong: dict[str, str]) -> dict[str, Any]:
    """The levers as the page takes them."""
    levers, before = view.scenario.levers, view.baseline.levers
    return {"values": dict(levers), "words": {path: in_words(path, value) for path, value in levers.items()},
            "changed": {path: in_words(path, value) for path, value in before.items() if levers[path] != value},
            "moved": not view.unmoved, "answered": answered, "wrong": wrong}


def _seen(screen: Screen) -> dict[str, Any]:
    """A screen as the page takes it."""
    return {"sentences": list(screen.sentences), "panels": list(screen.panels), "runs": screen.runs, "all": RUNS,
            "regime": beliefs_in_words(DEFAULT), "trouble": screen.trouble, "charts": list(screen.view.charts)}
