"""One run under two scenarios in words: where it parts, what led to the difference, which draws decided."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common.numbers import plain
from sim.engine.uncertainty import in_words
from sim.model.outcomes import INDEX
from sim.report.words.names import clean, counted, inside, short
from sim.report.words.units import FLOP, signed_difference, size_in_words, value

if TYPE_CHECKING:
    from sim.studies.comparing.why import Event, Turn, Why

WIDTH = 78
CHAINS = 3  # told at most
AFTERMATH = 3  # events told after a turn
LETTERS = ("A", "B")
LEVERS_LEAD = "Run B again with one line as in A; what is left of the difference:"
CAVEATS = (
    "This is one run of this model. An event is prevented by changing the one number that decided it, all other luck "
    "the same; what follows is what the model's rules make of that. Effects do not add up: two events can each be "
    "enough, or need each other. The command compare says what is typical."
)


def story(why: Why) -> str:
    """The whole answer as text of at most 80 columns."""
    lines: list[str] = []
    for title, paragraphs in sections(why):
        lines += ["", title] if title else []
        for paragraph in paragraphs:
            lines += paragraph if isinstance(paragraph, list) else textwrap.wrap(
                clean(paragraph), WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def sections(why: Why) -> Iterator[tuple[str, list[str | list[str]]]]:
    """Headings with their paragraphs; a list stands as it is, line by line."""
    titles = [short(title, 60) for title in why.results.titles]
    span = f"{why.results.dates[0]} to {why.results.dates[-1]}"
    yield "", [f"Run {why.run}, seed {why.results.seed}, {span}, {in_words(why.results.uncertainty)}, under",
               [f"  A  {titles[0]}", f"  B  {titles[1]}"]]
    yield "The difference", [difference(why)]
    yield "Where they part", list(parting(why))
    if why.first_month_at_all is None:
        return
    if why.levers:
        yield "Which lines of the scenarios make it", [LEVERS_LEAD, _lever_lines(why)]
    yield "From event to event", list(chains(why))
    if why.that_mattered:
        yield "Which draws decided", [_draw_lines(why), *together(why)]
    yield "How to read this", [" ".join([CAVEATS, why.about.caution]).rstrip()]


def record(why: Why) -> dict[str, Any]:
    """The same as plain values, for JSON."""
    at = INDEX[why.outcome]
    return {
        "scenarios": list(why.results.titles),
        "run": why.run,
        "seed": why.results.seed,
        "uncertainty": why.results.uncertainty,
        "outcome": why.outcome,
        "unit": why.about.unit,
        "difference": why.gap,
        "usual_difference": float(why.usual[:, at].mean()) if len(why.usual) else None,
        "standard_deviation": float(why.spread[at]),
        "routine_effect": float(why.ripple[at]),
        "parting": {"date": why.contrast.date, "only_a": list(why.contrast.only_baseline),
                    "only_b": list(why.contrast.only_other)},
        "first_month_that_differs": _date(why, why.first_month_at_all),
        "first_month_of_notable_difference": _date(why, why.first_month_notable),
        "lines_taken_back": [{"line": undone.key, "a": undone.baseline, "b": undone.other, "effect": float(effect[at])}
                             for undone, effect in why.levers],
        "turns": [_turn(why, turn) for turn in why.turns],
        "all_that_mattered_at_once": None if why.together is None else float(why.together[at]),
    }


def _date(why: Why, month: int | None) -> str | None:
    return None if month is None else why.results.dates[month]


def _turn(why: Why, turn: Turn) -> dict[str, Any]:
    draw = None if turn.draw is None else dict(zip(("channel", "run", "month", "slot"), turn.draw, strict=True))
    return {
        "date": turn.event.date,
        "only_in": LETTERS[turn.event.side],
        "kind": turn.event.kind,
        "text": turn.event.text,
        "draw": draw,
        "number": turn.number,
        "changed_to": turn.changed_to,
        "effect": why.effect(turn),
        "mattered": turn in why.that_mattered,
        "months_later": turn.late,
        "instead": [f"{event.date} {event.text}" for event in turn.instead],
        "goes_with_it": [f"{event.date} {event.text}" for event in turn.takes_along],
    }


# ---- the difference ------------------------------------------------------------------------------------------------
def difference(why: Why) -> str:
    """What differs in this run, and what is usual."""
    about, at = why.about, INDEX[why.outcome]
    ours, theirs = (value(about, float(number)) for number in why.results.summaries[:, 0, at])
    usual = why.usual[:, at]
    told = (f"{about.title} ({_over(why)}): {ours} in A, {theirs} in B"
            + (f", {size_in_words(about, why.gap)}." if why.gap else ": no difference."))
    if len(usual):
        low, high = np.quantile(usual, [0.25, 0.75])
        told += (f" Over {counted(len(usual), 'run')} of this seed, B less A is {_signed(why, usual.mean())} on "
                 f"average; the middle half lies between {_signed(why, low)} and {_signed(why, high)}.")
    if 0.0 < abs(why.gap) <= why.notable:
        told += " That is less than a tenth of a standard deviation over runs: hardly a difference to explain."
    if not why.chosen and abs(why.gap) > why.notable:
        carried = any(why.effect(turn) * why.gap > why.notable * abs(why.gap) for turn in why.turns)
        reason = "of whose difference a single event carries most" if carried else "that differs most"
        told += f" It is the primary outcome {reason}, in standard deviations over runs; --outcome asks about another."
    return told


def _over(why: Why) -> str:
    return {"last": "at the end", "sum": "in all", "max": "the largest", "mean": "on average"}[why.about.summary]


def _signed(why: Why, amount: float) -> str:
    return signed_difference(why.about, float(amount))


# ---- where they part -----------------------------------------------------------------------------------------------
def parting(why: Why) -> Iterator[str]:
    """When anything differs, when events do, and when the outcome does."""
    found, dates = why.contrast, why.results.dates
    if why.first_month_at_all is None:
        yield "The two runs are the same in every outcome and event: nothing that differs between the files acts here."
        return
    at_all = dates[why.first_month_at_all]
    if found.month is None:
        yield f"Outcomes differ from {at_all} on, but the same events happen in both: levers act without any event."
    else:
        if found.month > why.first_month_at_all:
            yield f"Levers act first: outcomes differ from {at_all} on, and events from {found.date} on."
        elif found.month < why.first_month_at_all:
            yield f"Events differ from {found.date} on, and outcomes from {at_all} on."
        else:
            yield f"Outcomes and events differ from {at_all} on."
        for letter, sentences in zip(LETTERS, (found.only_baseline, found.only_other), strict=True):
            if sentences:
                more = f" (and {counted(len(sentences) - 1, 'other event')})" if len(sentences) > 1 else ""
                yield f"{found.date}, only in {letter}: {sentences[0]}{more}"
    notable = why.first_month_notable
    yield (f"{why.about.title} differs by more than {size(why, why.notable)}, a tenth of a standard deviation over "
           "runs, " + ("at no time." if notable is None else f"for the first time in {dates[notable]}."))


# ---- levers ---------------------------------------------------------------------------------------------------------
def lever_rows(why: Why) -> list[tuple[str, str]]:
    """Each line taken back, and the difference that is left then."""
    rows = [(_line(undone.key, undone.other, undone.baseline), _signed(why, why.gap - effect[INDEX[why.outcome]]))
            for undone, effect in why.levers]
    return [("as it is", _signed(why, why.gap)), *rows]


def _lever_lines(why: Why) -> list[str]:
    rows = lever_rows(why)
    width = min(62, max(len(label) for label, _ in rows))
    return [f"  {clean(label):<{width}}  {left}" for label, left in rows]


def _line(key: str, here: object, there: object) -> str:
    if here is None and there is None:
        return f"{key} as in A"
    if key.startswith(("event ", "change ", "trigger ")) and (here is None or there is None):
        return f"{'without' if there is None else 'with'} the {key}"
    return f"{key} {_setting(there)}, not {_setting(here)}"


def _setting(given: object) -> str:
    if isinstance(given, tuple):
        return f"{plain(given[0])} to {plain(given[1])}"
    return "not set" if given is None else plain(given) if isinstance(given, float | int) else str(given)


# ---- chains ---------------------------------------------------------------------------------------------------------
def chains(why: Why) -> Iterator[str | list[str]]:
    """From the parting to the outcome, by way of the events without which the difference would be another."""
    yield from chains_lead(why)
    for number, chain in enumerate(paths(why), 1):
        yield _chain_lines(why, number, chain)


def chains_lead(why: Why) -> list[str]:
    """How many events parted, could be prevented, and mattered."""
    parted, what = len(why.parted), inside(why.about.title)
    first = (f"{counted(parted, 'event')} of the two runs {'has' if parted == 1 else 'have'} no counterpart in the "
             f"other. Of the weightiest, {len(why.turns)} could be prevented by changing one draw.")
    if not why.that_mattered:
        return [first, f"None of them moves {what} by more than {_floor(why)}: the difference comes from what differs "
                "month by month, not from a single event."]
    return [first, f"{counted(len(why.that_mattered), 'of them moves', 'of them move')} {what} by more than "
            f"{_floor(why)}. After an arrow stands what does not happen without what stands before it."]


def paths(why: Why) -> list[tuple[Turn, ...]]:
    """The chains to tell, at most `CHAINS`: each runs through a turn that mattered, the strongest first."""
    told: list[tuple[Turn, ...]] = []
    seen: set[Event] = set()
    for turn in why.that_mattered:
        if turn.event not in seen and len(told) < CHAINS:
            chain = why.chain_of(turn)
            told.append(chain)
            seen |= {each.event for each in chain} | set(chain[0].takes_along)
    return told


def _floor(why: Why) -> str:
    """From how large on an effect is told, with the reason."""
    amount = size(why, why.floor)
    if why.floor > why.notable:
        return f"{amount}, which nine in ten of {why.routine} routine events prevented do not"
    return f"{amount}, a tenth of a standard deviation over runs"


def size(why: Why, amount: float) -> str:
    """An amount of the outcome without a direction, short."""
    if why.about.unit in FLOP:
        return f"a factor of {plain(10.0**amount, 2)}"
    return signed_difference(why.about, amount).removeprefix("+")


def _chain_lines(why: Why, number: int, chain: tuple[Turn, ...]) -> list[str]:
    lines = []
    for place, event in enumerate([turn.event for turn in chain]):
        lines += _wrapped(f"{number:>2}. " if place == 0 else "    ",
                          f"{event.date} {LETTERS[event.side]}  {'-> ' if place else ''}{clean(event.text)}", 15)
    for sentence in aftermath(why, chain):
        lines += _wrapped("               ", sentence, 15)
    return lines


def _wrapped(head: str, text: str, hanging: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * hanging,
                         break_long_words=False, break_on_hyphens=False)


def aftermath(why: Why, chain: tuple[Turn, ...]) -> Iterator[str]:
    """What becomes of the run and the difference without the first event of a chain."""
    turn = chain[0]
    late = f" (it then comes {counted(turn.late, 'month')} later)" if turn.late is not None else ""
    first = "the first of these" if len(chain) > 1 else "it"
    yield f"Without {first}{late}, the difference is {left_without(why, turn)} instead of {_signed(why, why.gap)}."
    told = {each.event for each in chain}
    others = [event for event in turn.takes_along if event not in told]
    if others:
        weighty = sorted(others, key=lambda event: (-event.weight, event.month))[:AFTERMATH]
        listed = "; ".join(f"{event.date} {clean(event.text).rstrip('.')}"
                           for event in sorted(weighty, key=lambda event: event.month))
        among = ", among them" if len(others) > len(weighty) else ""
        yield f"{counted(len(others), 'more event goes', 'more events go')} with it{among}: {listed}."
    if turn.instead:
        event = turn.instead[0]
        yield f"The replay has instead: {event.date} {clean(event.text)}"


# ---- draws ----------------------------------------------------------------------------------------------------------
def _draw_lines(why: Why) -> list[str]:
    lines = []
    for turn in why.that_mattered:
        lines += _wrapped("  ", f"{turn.event.date} {LETTERS[turn.event.side]}  {clean(turn.event.text)}", 13)
        lines += _wrapped(" " * 13, f"{drawn(turn)}: {left_without(why, turn)} left", 13)
    return lines


def drawn(turn: Turn) -> str:
    """The draw that decided, and what it was set to."""
    if turn.draw is None or turn.number is None or turn.changed_to is None:
        return "dated in the scenario, left out"
    channel, _, month, slot = turn.draw
    when = f", month {month}" if month != turn.event.month else ""
    return f"{channel}, slot {slot}{when}: {turn.number:.3g}, set to {turn.changed_to:.3g}"


def left_without(why: Why, turn: Turn) -> str:
    """The difference that is left without a turn."""
    return _signed(why, why.gap - why.effect(turn))


def together(why: Why) -> list[str]:
    """What is left when all draws that mattered are changed at once; nothing if there are fewer than two."""
    if why.together is None:
        return []
    left = why.gap - float(why.together[INDEX[why.outcome]])
    return [f"All of them changed at once: {_signed(why, left)} is left of {_signed(why, why.gap)}."]
