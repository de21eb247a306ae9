"""What pages of saved studies show of a choice when it is selected: sentences, tables, other choices, a link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.app.desk import RUNS
from sim.app.saved.link import NO_LINK, Link
from sim.engine.uncertainty import DEFAULT
from sim.engine.uncertainty import in_words as beliefs_in_words
from sim.report.words.tables import Table


def table(found: Table) -> dict[str, Any]:
    """A report's table as the page takes it."""
    return {"caption": found.caption, "head": list(found.head), "rows": [list(row) for row in found.rows]}


def opens(found: Link | None, beside: str, rests_on: str) -> dict[str, Any]:
    """The link to the cockpit and what to know of it; its `query` is None, with the reason, where there is no link."""
    if found is None:
        return {"query": None, "note": NO_LINK}
    return {"query": found.query, "note": f"There the model runs it anew beside {beside}: {RUNS} runs of "
            f"{found.months} months on the same luck, {beliefs_in_words(DEFAULT)}. This study rests on {rests_on}, so "
            "its numbers differ."}


def choice(place: int, text: str) -> dict[str, Any]:
    """Another choice that can be selected."""
    return {"place": place, "text": text}


def detail(heading: str, says: Sequence[str], tables: Sequence[Table], also: str, others: Sequence[dict[str, Any]],
           link: dict[str, Any]) -> dict[str, Any]:
    """All of it; `also` stands above the `others`."""
    return {"heading": heading, "says": list(says), "tables": list(map(table, tables)), "also": also,
            "others": list(others), "link": link}
