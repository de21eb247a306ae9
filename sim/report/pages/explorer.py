"""The explorer: a finished sweep as one page on which sliders move, and nothing is fetched.

What was simulated is kept in whole numbers of 16 bits, each outcome and column on a scale of its own; the scripts
`explorer.*.js` read them, and say at their parts what they do with them. The page's content policy lets its own script
and style run, by their hashes, and nothing else: no network, no other script.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from sim import __version__
from sim.common.language import ENGLISH, LANGUAGES, for_script, gettext, language, speaking
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES
from sim.report.pages.page import environment, style_sheet
from sim.report.words import narrative
from sim.report.words.explorer import SIMULATED, cost_of_packing, kind, missed
from sim.report.words.levers import WORDS, is_multiple, lever_in_words, lever_unit, lever_value
from sim.report.words.names import clean, counted, inside, joined, listed, opening, quoted, short
from sim.report.words.trust import own_rules_of, set_beyond
from sim.report.words.units import heading, running_title, summary_heading, summary_title, title, unit
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.scenario.worlds import settings
from sim.studies.comparing.intervals import t_quantile
from sim.studies.keeping.folders import write_whole
from sim.studies.sweeping import exploring
from sim.studies.sweeping.design import WORLD
from sim.studies.sweeping.emulator import Lattice
from sim.studies.sweeping.exploring import Block, Explored, ExploringError, too_large

SCRIPTS = ("language.js", "explorer.estimate.js", "explorer.words.js", "explorer.draw.js", "explorer.js")
SHOWN_FIRST = 4
STOPS = 100
WHOLE = 65_535
_TITLE = "A point of the explorer"


def page(found: Explored, first: str = "") -> str:
    """The page as text; the same sweep gives the same text. ExploringError if it would be larger than 8 MB.

    It speaks every language that there is: the one that its link names, else `first`, else the browser's.
    """
    packed, scales = _packed(found)
    script = "\n".join(map(_template, SCRIPTS))
    style = f"{style_sheet()}\n{_template('explorer.css')}"
    with speaking(ENGLISH):
        data = _data(found, packed, scales)
        body = _body(found, scales)
    bodies, words = {}, {}
    for code in LANGUAGES:
        with speaking(code) as spoken:
            told = for_script(tuple(map(_template, SCRIPTS)))
            changes = _changes(data, _data(found, packed, scales))
            bodies[code] = _body(found, scales)
            if spoken.missing:  # what was missing is known once all is said
                bodies[code] = _body(found, scales, partly_english=True)
            words[code] = {**told, "data": changes}
    made = environment().get_template("explorer.html.j2").render(
        title=found.design.title, body=body, bodies={code: each for code, each in bodies.items() if code != ENGLISH},
        words=_as_script({"first": first, "languages": words}), data=_as_script(data), script=Markup(script),
        style=Markup(style), script_hash=_hash(script), style_hash=_hash(style))
    if (size := len(made.encode("utf-8"))) > exploring.MOST_BYTES:
        raise too_large(found.outcomes, size)
    return made


def _body(found: Explored, scales: dict[str, list[list[float]]], partly_english: bool = False) -> Markup:
    """What stands on the page before its script comes to it, in the language in use."""
    return Markup(environment().get_template("explorer.body.html.j2").render(
        title=found.design.title, dated=bool(found.dates), facts=_facts(found), limits=_limits(found),
        what_if=gettext(narrative.WHAT_IF), partly_english=partly_english, languages=LANGUAGES, spoken=language(),
        cautions=narrative.cautions(found.outcomes), notes=_notes(found), packing=_packing(found, scales),
        version=__version__))


def _changes(english: Any, other: Any) -> Any:
    """What differs between two tables of the same form, as a table of the places that differ; {} for nothing."""
    if isinstance(english, dict | list):
        places = english if isinstance(english, dict) else range(len(english))
        found = {str(place): _changes(english[place], other[place]) for place in places
                 if english[place] != other[place]}
        return found
    return other


def write(found: Explored, path: str | Path) -> Path:
    """Write the page whole or not at all. Returns the path; OSError if it cannot be written."""
    return write_whole(path, page(found).encode("utf-8"))


def _template(name: str) -> str:
    return resources.files("sim.report.pages").joinpath(f"templates/{name}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a content policy allows a script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _as_script(tables: dict[str, Any]) -> Markup:
    """JSON that stands in a script element: no text in it can end the element, or begin a comment."""
    text = json.dumps(tables, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


# ---- numbers -----------------------------------------------------------------------------------------------------
def _packed(found: Explored) -> tuple[bytes, dict[str, list[list[float]]]]:
    """All numbers as whole numbers of 16 bits, low byte first, and by outcome and column their scales.

    The order is outcome, column, point (block by block), quantiles and then groups. A scale is low and step of the
    quantiles, low and step of the groups: value = low + step * number, so half a step is the most that is lost.
    """
    order = np.concatenate([block.points for block in found.blocks])
    parts, scales = [], {}
    for name in found.outcomes:
        both = [found.quantiles[name][:, order], found.groups[name][:, order]]
        low = np.stack([part.min(axis=(1, 2)) for part in both], axis=1)
        step = np.stack([np.ptp(part, axis=(1, 2)) for part in both], axis=1) / WHOLE
        whole = [np.rint((part - low[:, k, None, None]) / np.where(step > 0.0, step, 1.0)[:, k, None, None])
                 for k, part in enumerate(both)]
        parts.append(np.concatenate(whole, axis=2).astype("<u2").tobytes())
        scales[name] = np.stack([low[:, 0], step[:, 0], low[:, 1], step[:, 1]], axis=1).tolist()
    return b"".join(parts), scales


def _data(found: Explored, packed: bytes, scales: dict[str, list[list[float]]]) -> dict[str, Any]:
    design = found.design
    places = [design.axes.index(axis) for axis in found.numbers]
    firsts = np.cumsum([0, *(len(block.points) for block in found.blocks)])
    return {
        "axes": [_axis(found, axis) for axis in found.reference],
        "covers": (gettext("luck") if design.uncertainty == "luck" else
                   gettext("luck and the parameters that are not known")),
        "dates": list(found.dates), "sizes": found.sizes.tolist(),
        "critical": t_quantile(0.95, len(found.sizes) - 1) if len(found.sizes) > 1 else None,
        "outcomes": [_outcome(found, name, scales[name]) for name in found.outcomes],
        "shown": list(range(min(SHOWN_FIRST, len(found.outcomes)))),
        "blocks": [_block(found, block, int(first)) for block, first in zip(found.blocks, firsts, strict=False)],
        "exact": [[float(design.points[point][place]) for place in places]
                  for block in found.blocks for point in block.points],
        "packed": base64.b64encode(packed).decode(),
    }


def _axis(found: Explored, axis: str) -> dict[str, Any]:
    name = opening(lever_in_words(axis))
    told = {"key": axis, "name": name, "inside": inside(name), "unit": _unit(axis), "base": found.reference[axis]}
    if axis in found.choices:
        design = found.design
        values = [value for value in design.along(design.axes.index(axis))
                  if any(block.words[axis] == value for block in found.blocks)]
        return {**told, "kind": "choice", "values": values,
                "labels": [_choice(found, axis, value) for value in values]}
    place = found.numbers.index(axis)
    low, high = float(found.low[place]), float(found.high[place])
    stops = {float(f"{x:.12g}") for x in np.linspace(low, high, STOPS + 1)[1:-1]} | {low, high, found.reference[axis]}
    if found.design.is_grid:
        stops |= {float(point[found.design.axes.index(axis)]) for point in found.design.points}
    words = WORDS.get(f"{axis.split('.')[0]}.{axis.split('.')[-1]}")
    return {**told, "kind": "number", "low": low, "high": high, "stops": sorted(stops),
            "ends": [gettext(word) for word in words[1:]] if words and (low, high) == (0.0, 1.0) else None}


def _unit(axis: str) -> str:
    """An axis's unit beside its number; a multiple says itself what it is one of."""
    return "" if is_multiple(axis) else lever_unit(axis)


def _choice(found: Explored, axis: str, value: Any) -> str:
    if axis == WORLD:
        return short(dict(found.design.worlds)[value].title, 60)
    return gettext(opening(clean(lever_value(value)).replace("_", " ")))


def _outcome(found: Explored, name: str, scales: list[list[float]]) -> dict[str, Any]:
    outcome = OUTCOMES[name]
    kind_, scale, noun, ways = kind(outcome)
    is_log = name in found.logs
    last = {"last": gettext("at the end"), "sum": gettext("in total"), "max": gettext("at its peak"),
            "mean": gettext("on average")}[outcome.summary]
    spread = found.blocks[0].errors[name].spread
    return {"name": name, "heading": _heading(found, name), "summary": summary_title(outcome),
            "inside": inside(summary_title(outcome)), "whole": last, "kind": kind_, "scale": scale, "noun": noun,
            "ways": ways, "isLog": is_log, "better": outcome.better, "spread": spread,
            "unit": gettext(outcome.unit),
            "furthest": outcome.furthest if np.isfinite(outcome.furthest) else None, "plainUnit": outcome.unit,
            "differenceUnit": _difference_unit(unit(outcome), kind_), "scales": scales}


def _heading(found: Explored, name: str) -> str:
    """Of a chart: of what the kept months hold, or of a run's one number."""
    outcome = OUTCOMES[name]
    if not found.dates:
        return summary_heading(outcome)
    if not found.design.so_far:
        return heading(outcome)
    return gettext("{title}, {unit}", title=running_title(outcome), unit=unit(outcome))


def _difference_unit(unit_: str, kind_: str) -> str:
    return {"share": gettext("points"), "flop": gettext("as a factor")}.get(kind_, unit_)


def _block(found: Explored, block: Block, first: int) -> dict[str, Any]:
    joined, errors = [], []
    for name in found.outcomes:
        own, error = block.joined[name], block.errors[name]
        is_grid = isinstance(own, Lattice)
        joined.append({"along": own.along} if isinstance(own, Lattice)
                      else {"lengths": own.lengths.tolist(), "nugget": own.nugget})
        # Six digits, so that the last bits of a machine's linear algebra make no other page.
        within = [float(f"{x:.6g}") if np.isfinite(x) else None for x in error.within]
        errors.append({"within": within, "blind": error.verdict == "blind",
                       "words": [missed(error, name, name in found.logs, is_grid), gettext(SIMULATED)]})
    return {"words": [block.words[axis] for axis in found.choices], "first": first, "count": len(block.points),
            "joined": joined, "errors": errors, "file": _file(found, block)}


# ---- a scenario file ---------------------------------------------------------------------------------------------
def _file(found: Explored, block: Block) -> list[str | int]:
    """The scenario of a point as a file: its text, and between its parts the places of numbers among the axes.

    Each number stands in the file once, as a marker that no other number is; where it stands the page puts its own.
    """
    design, point = found.design, int(block.points[0])
    own = dict(zip(design.axes, design.points[point], strict=True))
    base = design.base_in(own.pop(WORLD, None))
    markers = {axis: _marker(float(found.low[k]), float(found.high[k]), k) for k, axis in enumerate(found.numbers)}
    runs = f"--seed {design.seed} --runs {design.runs} --months {design.months} --uncertainty {design.uncertainty}"
    try:
        marked = base.with_({**own, **markers}, title=_TITLE)
    except ScenarioError as error:  # two axes that do not go together between their ends
        raise ExploringError(f"the axes of the sweep cannot be set together: {error}") from None
    text = Scenario.to_toml(_asking(marked, design.title, runs))
    parts: list[str | int] = [text]
    for k, marker in enumerate(markers.values()):
        place = next(n for n, part in enumerate(parts) if isinstance(part, str) and repr(marker) in part)
        before, _, after = str(parts[place]).partition(repr(marker))
        parts[place : place + 1] = [before, k, after]
    return parts


def _marker(low: float, high: float, number: int) -> float:
    return low + (high - low) * (0.31415926535 + 0.0271828182 * (number % 20))


def _asking(scenario: Scenario, title: str, runs: str) -> Scenario:
    from dataclasses import replace

    return replace(scenario, question=f"what is simulated at this point of “{short(title, 60)}”?",
                   look_for=f"the numbers that the page shows, if run with {runs}")


# ---- words -------------------------------------------------------------------------------------------------------
def _facts(found: Explored) -> str:
    design = found.design
    return gettext("{points} over {axes}, {runs} each on the same luck, {months} months from {start}; {belief}; seed "
                   "{seed}; base: {base}", points=counted(len(design.points), "point"),
                   axes=counted(len(design.axes), "axis", "axes"), runs=counted(design.runs, "run"),
                   months=design.months, start=design.base.start, belief=in_words(design.uncertainty),
                   seed=design.seed, base=design.base.title)


def _limits(found: Explored) -> str:
    said = [own_rules_of([found.sweep.departure]), set_beyond(found.design.beyond())]
    if found.dropped:
        said.append(gettext("Left out, since a run failed there: {points}.", points=counted(found.dropped, "point")))
    if not found.dates:
        said.append(gettext("The sweep kept no months, so each chart shows a run's one number; months_kept = { every = "
                            "12 } in the design keeps what fans over time need."))
    return " ".join(text for text in said if text)


def _notes(found: Explored) -> list[str]:
    """What a world sets that a slider sets too: the slider holds."""
    said = []
    for _, world in found.design.worlds:
        own = [gettext("{lever} at {value}", lever=inside(lever_in_words(axis)), value=lever_value(value))
               for axis, value in settings(world).items() if axis in found.numbers]
        if own:
            said.append(gettext("{world} as it comes has {levers}; here the slider sets it in every world.",
                                world=quoted(world.title), levers=listed(own)))
    return said


def _packing(found: Explored, scales: dict[str, list[list[float]]]) -> str:
    """The most that packing costs: of a mean's last column, by outcome."""
    told = [gettext("{outcome} {number}", outcome=inside(title(OUTCOMES[name])),
                    number=cost_of_packing(scales[name][-1][3], name)) for name in found.outcomes]
    return gettext("Numbers are kept in 16 bits, each outcome and month on a scale of its own, so that the page stays "
                   "small. That moves a mean by at most: {costs}.", costs=joined(told))

