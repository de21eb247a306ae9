"""The headlines of a quarter: what happened, in the events' own sentences, and what led to it where the model knows.

Two things are known. What a rule needs to have happened before: a bill before a law, a suit before a verdict. And what
the run is like without a decision, on the same luck: if an event has not happened there by the end of the quarter, it
goes back to that decision. A quarter's headlines rest on the months up to its end, so that nothing rewrites them later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.app.play.game import MONTHS, Game, Move
from sim.app.play.life import Lives
from sim.app.play.roles import ROLES, decision_of
from sim.common.language import ENGLISH, gettext, language, month_name
from sim.common.text import inside
from sim.model.events import EVENTS, POLICY
from sim.report.charts.story import in_short
from sim.report.words.events import sentence
from sim.report.words.names import called, counted
from sim.studies.comparing.histories import History, unmatched

MOST_HEADLINES = 6
MOST_OF_A_KIND = 2
"""Headlines of one kind of event in a quarter; more of the same are lesser items."""
MOST_AVERTED = 2
LEAST_AVERTED = 4
"""Weight from which on it is told that something would have happened."""
_SUITS = ("suit_rivalry", "suit_mission", "suit_copyright")
BEFORE: Mapping[str, tuple[tuple[str, ...], str]] = {
    "rules_tightened": (("bill",), "actor"), "rules_eased": (("bill",), "actor"), "bill_fails": (("bill",), "actor"),
    "conversion": (("review_opened",), "actor"), "conversion_refused": (("review_opened",), "actor"),
    "spin_off": (("departure",), "actor"), "joins": (("departure",), "actor"),
    "verdict_plaintiff": (_SUITS, "target"), "verdict_defendant": (_SUITS, "target"), "settlement": (_SUITS, "target"),
    "dismissal": (_SUITS, "target"), "injunction": (_SUITS, "target"), "injunction_denied": (_SUITS, "target"),
    "mineral_ban": (("export_control",), "rival"), "treaty_ends": (("treaty",), ""), "truce_ends": (("truce",), ""),
    "controls_eased": (("truce", "treaty"), ""),
}
"""What has to have happened before an event of a kind, and to whom: the same actor or target, or done by the rival."""

Course = tuple[Move, ...]


@dataclass(frozen=True)
class Headline:
    """One event as news: a short line, its sentence, when, how much it weighs (1 routine ... 6 a turning point).

    `after` tells what had to happen before; `courses` are the decisions, those of a role on a lever together, without
    which it has not happened by then.
    """

    month: int
    kind: str
    line: str
    sentence: str
    weight: int
    after: str
    courses: tuple[Course, ...]


def month_in_words(date: str) -> str:
    """A month as people write it: "March 2027"."""
    year, month = date.split("-")
    return month_name(int(year), int(month))


def whose(move: Move, you: str | None) -> str:
    """Whose decision: "your", or "China's"; `you` is the role of the reader, None for everybody."""
    name = ROLES[move.role].name
    if language() != ENGLISH:  # which say it with a word of their own, where they say it
        return gettext(name)
    return "your" if move.role == you else f"{name}'" if name.endswith("s") else f"{name}'s"


def decision_in_words(game: Game, course: Course, you: str | None) -> str:
    """Decisions on a lever inside a sentence: "your decision of 2026 Q3 (strictness of your rules: strict (0.6))"."""
    first, last = course[0], course[-1]
    decision = decision_of(last.role, last.lever)
    title = decision.title if last.role == you else decision.title.replace("your rules", "its rules")
    told = {"decision": inside(gettext(title)), "value": decision.words(last.value), "whose": whose(last, you),
            "first": game.name_of(first.quarter), "last": game.name_of(last.quarter)}
    if last.role == you:
        return (gettext("your decision of {first} ({decision}: {value})", **told) if len(course) == 1 else
                gettext("your decisions since {first} ({decision}: {value} by {last})", **told))
    return (gettext("{whose} decision of {first} ({decision}: {value})", **told) if len(course) == 1 else
            gettext("{whose} decisions since {first} ({decision}: {value} by {last})", **told))


def headlines(game: Game, quarter: int, lived: Lives) -> tuple[list[Headline], list[Headline]]:
    """A quarter's news, weightiest first, and what would have happened in it had nobody decided anything.

    `lived` has the game as played, then without any decision, then without each of its courses; the game stands at the
    end of the quarter.
    """
    end = (quarter + 1) * MONTHS
    played, undecided, *without = [_until(history, end) for history in lived.histories]
    places = [place for place in range(len(played)) if played.months[place] >= quarter * MONTHS
              and EVENTS[played.kind(place)].actor != POLICY]
    gone = [unmatched(played, other)[0] for other in without]
    found = [_headline(game, played, place, tuple(course for course, missing in zip(game.courses(), gone, strict=True)
                                                  if missing[place])) for place in places]
    averted: list[Headline] = []
    if game.moves:
        alone = unmatched(played, undecided)[1]
        averted = [_headline(game, undecided, place, ()) for place in np.flatnonzero(alone).tolist()
                   if undecided.months[place] >= quarter * MONTHS
                   and EVENTS[undecided.kind(place)].weight >= LEAST_AVERTED]
    return sorted(found, key=_rank), sorted(averted, key=_rank)[:MOST_AVERTED]


def front_page(found: Sequence[Headline]) -> tuple[list[Headline], list[Headline]]:
    """The headlines of a quarter, none of them twice, and its lesser items."""
    front: list[Headline] = []
    rest: list[Headline] = []
    for each in found:
        told_already = any(other.line == each.line for other in front)
        alike = sum(other.kind == each.kind for other in front)
        is_news = len(front) < MOST_HEADLINES and alike < MOST_OF_A_KIND and not told_already
        (front if is_news else rest).append(each)
    return front, rest


def told(game: Game, found: Sequence[Headline], you: str | None) -> list[dict[str, Any]]:
    """Headlines for a page; `you` is the reader's role."""
    dates = game.dates()
    return [{"date": month_in_words(dates[each.month]), "line": each.line, "sentence": each.sentence,
             "whole": each.line != each.sentence.rstrip("."),
             "weight": each.weight, "kind": each.kind, "why": list(_reasons(game, each, you)),
             "yours": any(course[0].role == you for course in each.courses)} for each in found]


def _rank(headline: Headline) -> tuple[int, int, int]:
    return -headline.weight, -len(headline.courses), headline.month


def _until(history: History, end: int) -> History:
    """The part of a history before a month."""
    here = history.months < end
    return History(history.called, history.months[here], history.kinds[here], history.actors[here],
                   history.targets[here], history.amounts[here])


def _headline(game: Game, history: History, place: int, courses: tuple[Course, ...]) -> Headline:
    kind = history.kind(place)
    return Headline(int(history.months[place]), kind, _line(history, place), text_of(history, place),
                    EVENTS[kind].weight, _after(game, history, place), courses)


def text_of(history: History, place: int) -> str:
    """The event's sentence, in the language in use."""
    return sentence(history.kind(place), *history.named(place), float(history.amounts[place]))


def _line(history: History, place: int) -> str:
    """The event in a few words, with the names that its sentence has."""
    kind = history.kind(place)
    who, whom = history.named(place)
    if kind == "severe_incident":
        return gettext("Severe incident: a model of {actor}", actor=called(who))
    return in_short(kind, who, whom, float(history.amounts[place]))


def _after(game: Game, history: History, place: int) -> str:
    """What had to happen before, with its date; "" where the model says nothing or nothing is found."""
    kinds, match = BEFORE.get(history.kind(place), ((), ""))
    for earlier in range(place - 1, -1, -1):
        if history.kind(earlier) not in kinds:
            continue
        same = {"actor": history.actors[earlier] == history.actors[place],
                "target": history.targets[earlier] == history.targets[place],
                "rival": history.actors[earlier] == history.targets[place], "": True}[match]
        if same:
            date = month_in_words(game.dates()[int(history.months[earlier])])
            return gettext("After this, in {date}: {event}", date=date, event=text_of(history, earlier))
    return ""


def _reasons(game: Game, headline: Headline, you: str | None) -> Iterator[str]:
    if headline.after:
        yield headline.after
    latest = sorted(headline.courses, key=lambda course: -course[-1].quarter)
    if latest:
        decision = decision_in_words(game, latest[0], you)
        if latest[1:]:
            yield gettext("Without {decision}, on the same luck, it has not happened by now, nor without {others}.",
                          decision=decision, others=counted(len(latest) - 1, "other"))
        else:
            yield gettext("Without {decision}, on the same luck, it has not happened by now.", decision=decision)
