"""The back-test in words: against whom the model wins and loses, and first of all what is missed, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.common.numbers import percent, plain
from sim.report.words.names import counted, listed
from sim.studies.forecasting.facts import FACTS
from sim.studies.forecasting.summary import GAP_FACT, RARE, VERDICTS

FAR_OFF = 2.0
"""Factor from which a median is said to be too low or too high."""
Summary = Mapping[str, Any]


def headline(found: Summary) -> str:
    """What is beaten, what is not, and by how much: both columns, with the range over series."""
    track = found["tracks"][VERDICTS]
    level, anchored = (_against(track[column]["against"]["drift"]) for column in ("level", "anchored"))
    bands = " and ".join(percent(track[column]["coverage"]["90%"]) for column in ("level", "anchored"))
    passed = sum(bar["passed"] for bar in found["bars"])
    return (
        f"From {counted(len(found['origins']), 'origin')}, each with what was known there and policy as it stood, the "
        f"error four and eight quarters ahead is {level} that of a drift where the model says the level itself, and "
        f"{anchored} where its growth is added to the last figure. The 90% bands hold {bands} of the figures. "
        f"{passed} of {len(found['bars'])} bars of the protocol are passed."
    )


def _against(found: Mapping[str, Any]) -> str:
    return (f"{plain(found['ratio'], 2)} times (90% interval over series {plain(found['low'], 2)} to "
            f"{plain(found['high'], 2)}; better on {found['better']} of {found['of']})")


def missed(found: Summary) -> list[str]:
    """What is missed and by how much, and how much the tests that are passed are worth: a sentence each."""
    facts = found["facts"]
    return [sentence for sentence in (
        _bars(found), _medians(found["off"]), _lag(found), _facts(found),
        f"A fact counts as within range where the record's range and the middle half of the runs touch, which is a "
        f"mild rule: in {facts['rare']} of {counted(facts['measures'], 'measure')} fewer than {percent(RARE)} of the "
        f"runs lie in the record's range.",
        "Rules and ranges were written with hindsight: these are hindcasts, not forecasts.",
    ) if sentence]


def bars_told(found: Summary) -> list[tuple[str, str, str]]:
    """Each bar of the protocol: what is asked, what came out, passed or failed."""
    return [(bar["asked"], plain(bar["value"], 2), "passed" if bar["passed"] else "FAILED") for bar in found["bars"]]


def _bars(found: Summary) -> str:
    failed = [f"{bar['asked']} ({plain(bar['value'], 2)})" for bar in found["bars"] if not bar["passed"]]
    return f"Bars that are failed: {'; '.join(failed)}." if failed else "No bar is failed."


def _medians(off: Mapping[str, float]) -> str:
    """The series whose last figure a year ahead is far off the median, with the factor."""
    parts = []
    for word, factors in (("low", off), ("high", {name: 1.0 / factor for name, factor in off.items()})):
        far = sorted(((name, factor) for name, factor in factors.items() if factor >= FAR_OFF),
                     key=lambda each: -each[1])
        if far:
            named = listed([f"{plain(factor, 2)} for the {name.removeprefix('the ')}" for name, factor in far])
            parts.append(f"too {word} by a factor of {named}")
    return f"At the last figure forecast a year ahead the level's median is {'; and '.join(parts)}." if parts else ""


def lag_contradicted(found: Summary) -> bool:
    """Whether China's lag grows in the runs' median while it shrank on record."""
    before, after = found["facts"]["lag"]
    return bool(after > before)


def _lag(found: Summary) -> str:
    if not lag_contradicted(found):
        return ""
    gap = next(fact for fact in FACTS if fact.number == GAP_FACT)
    record = " and then ".join(f"{measure.low:g} to {measure.high:g}" for measure in gap.measures)
    before, after = found["facts"]["lag"]
    return (f"China's lag has the wrong direction: on record it shrinks ({record} months), in the runs' median it "
            f"grows ({before:g} and then {after:g} months).")


def _facts(found: Summary) -> str:
    """How many facts are within range, and which are missed."""
    text = {fact.number: f"{fact.number} ({fact.text})" for fact in FACTS}
    facts = found["facts"]
    told = f"{facts['held']} of {facts['of']} stylised facts are within range"
    return f"{told}; missed: {listed([text[number] for number in facts['missed']])}." if facts["missed"] else f"{told}."


def against_all(found: Summary, track: str, column: str) -> list[Sequence[str]]:
    """Rows of a table: each rival with the ratio, its interval, series on which the model is better, and tests."""
    told = found["tracks"][track][column]
    return [(rival, plain(each["ratio"], 2), f"{plain(each['low'], 2)} to {plain(each['high'], 2)}",
             f"{each['better']} of {each['of']}", plain(each["sign_p"], 2), plain(each["dm_p"], 2))
            for rival, each in told["against"].items()]
