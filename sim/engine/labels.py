"""How scenarios and months are called: titles told apart, dates."""

from __future__ import annotations

from collections.abc import Sequence


def distinct_titles(titles: Sequence[str]) -> tuple[str, ...]:
    """The titles, with " (2)", " (3)" after those that stood before."""
    distinct: list[str] = []
    for title in titles:
        candidate, number = title, 1
        while candidate in distinct:
            number += 1
            candidate = f"{title} ({number})"
        distinct.append(candidate)
    return tuple(distinct)


def month_dates(start: str, months: int) -> tuple[str, ...]:
    """The dates of `months` months from `start`, as "2025-01"."""
    year, month = (int(part) for part in start.split("-")[:2])
    count = year * 12 + month - 1
    return tuple(f"{(count + i) // 12:04d}-{(count + i) % 12 + 1:02d}" for i in range(months))
