"""Observations from Epoch AI's public files: what each outcome takes from them, and what is left out.

Only what is the same quantity as an outcome is taken. What a file holds besides is counted, with the reason:
`Imported.files` tells it. Values of a month are of the last day in it that the file knows.
"""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sim.common.text import printable
from sim.model.outcomes import OUTCOMES
from sim.studies.forecasting.epoch_files import (
    FUNDING,
    H100E,
    LICENCE,
    MODELS,
    OWNERS,
    REVENUE,
    SALES,
    CellError,
    EpochFile,
    Faults,
    Row,
    read_file,
)
from sim.studies.forecasting.observations import COLUMNS, MONTH, Observation, ObservationsError

RECENT_MONTHS = 3  # how old a report may be to be set against another's
_QUARTER_DAYS = 92
_COST = "Training compute cost (2023 USD)"
_RUN_RATE = "Annualized revenue (USD)"
_INTERPOLATED = "Period interpolation"
_CHINA = ("China", "China (official)")
_SMUGGLED = ("China (smuggled)", "China(smuggled)")


@dataclass(frozen=True)
class Imported:
    """Observations, in the order of outcomes and months; the files they are from; how many fell outside the months."""

    observations: tuple[Observation, ...]
    files: tuple[EpochFile, ...]
    outside: int

    def to_csv(self) -> str:
        """The observations as a file that `airace score` reads."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((seen.outcome, seen.month, repr(seen.value), OUTCOMES[seen.outcome].unit, seen.source)
                         for seen in self.observations)
        return text.getvalue()


def _month(day: date) -> str:
    return day.isoformat()[:7]  # strftime would write the year 950 with three digits


@dataclass(frozen=True)
class _Report:
    """What a row reports: of whom, on which day, how much. `rank` orders reports of one day, the best first."""

    row: Row
    who: str
    day: date
    value: float
    rank: int = 0

    @property
    def month(self) -> str:
        return _month(self.day)

    @property
    def said(self) -> str:
        sure = self.row["Confidence"].lower()
        return f"{self.who}, {self.day}" + (f" ({sure})" if sure else "")


def read_epoch(
    paths: Iterable[str | Path], first: str | None = None, last: str | None = None, *, ignored: Collection[str] = ()
) -> Imported:
    """What Epoch AI's public CSV files say of outcomes, from the month `first` to `last`, both as in "2026-03".

    Files of one kind are put together: AI models, companies' revenue reports and funding rounds, chip owners, chip
    sales. Columns that are not known are refused, save those `ignored`. Raises ObservationsError with what is wrong,
    OSError if a file cannot be read.
    """
    for month in (first, last):
        if month is not None and not MONTH.fullmatch(month):
            raise ObservationsError(f"{month!r} is no month; write one as in 2026-03")
    if first and last and first > last:
        raise ObservationsError(f"{first} is later than {last}; give the earlier month first")
    files: list[EpochFile] = []
    tables: dict[str, list[Row]] = defaultdict(list)
    for path in map(Path, paths):
        file, rows = read_file(path, ignored)
        if same := [other for other in files if other.sha256 == file.sha256]:
            raise ObservationsError(f"{path}: has the same content as {same[0].path}; give one of them")
        files.append(file)
        if rows:
            tables[file.kind.title].extend(rows)
    faults = Faults()
    found: dict[tuple[str, str], Observation] = {}
    for title, rows in tables.items():
        for seen in _READ[title](rows, faults):
            before = found.setdefault((seen.outcome, seen.month), seen)
            if before.value != seen.value:
                faults.append(f"{seen.outcome} of {seen.month} is {before.value:g} by one file and {seen.value:g} by "
                              f"another ({before.source} | {seen.source}); give one of them")
    faults.end()
    order = list(OUTCOMES)
    kept = sorted((seen for seen in found.values() if (first or "") <= seen.month <= (last or "9999-12")),
                  key=lambda seen: (order.index(seen.outcome), seen.month))
    return Imported(tuple(kept), tuple(files), len(found) - len(kept))


def _seen(outcome: str, month: str, value: float, said: str, rows: Iterable[Row]) -> Observation:
    """An observation with its source: whose data, which files, and what of them."""
    files = " and ".join(dict.fromkeys(row.file.source for row in rows))
    return Observation(outcome, month, float(f"{value:.10g}"), f"Epoch AI, {LICENCE}, {files}: {printable(said)}")


# ---- rows to reports -----------------------------------------------------------------------------------------------
def _reports(
    rows: Iterable[Row], faults: Faults, make: Callable[[Row], _Report | str], apart_by: str = ""
) -> list[_Report]:
    """A report of each row, by the day; what `make` gives a reason for is left out under it.

    Reports of one day and the same name, and the same cell in the column `apart_by`, are one: the best in rank, once if
    they agree. Those that do not are a fault.
    """
    groups: dict[tuple[str, date, str], list[_Report]] = defaultdict(list)
    for row in rows:
        try:
            made = make(row)
        except CellError as error:
            faults.append(f"{row.place}: {error}")
            continue
        if isinstance(made, str):
            row.file.left_out[made] += 1
        else:
            groups[made.who, made.day, row[apart_by]].append(made)
    kept = []
    for (who, day, _), group in groups.items():
        best = min(report.rank for report in group)
        first, *others = (report for report in group if report.rank == best)
        for report in group:
            if report.rank > best:
                report.row.file.left_out["interpolated, where the same day has a stated run rate"] += 1
        for report in others:
            report.row.file.left_out["repeated"] += 1
            if report.value != first.value:
                faults.append(f"{report.row.place}: says {report.value:g} of {who} on {day}, {first.row.place} says "
                              f"{first.value:g}; look which is right and take the other out")
        kept.append(first)
    return sorted(kept, key=lambda report: report.day)


def _by_month(reports: Iterable[_Report]) -> Iterator[tuple[str, list[_Report]]]:
    months: dict[str, list[_Report]] = defaultdict(list)
    for report in reports:
        months[report.month].append(report)
    yield from sorted(months.items())


def _rankings(reports: Sequence[_Report]) -> Iterator[tuple[str, list[_Report]]]:
    """At each month with a report: the latest report of everybody, the largest first, however old."""
    latest: dict[str, _Report] = {}
    for month, new in _by_month(reports):
        latest |= {report.who: report for report in new}
        yield month, sorted(latest.values(), key=lambda report: -report.value)


# ---- models --------------------------------------------------------------------------------------------------------
def _models(rows: Sequence[Row], faults: Faults) -> Iterator[Observation]:
    """The largest run so far, at each month with a new largest; its cost where the file knows it."""

    def run(row: Row) -> _Report | str:
        if row.flagged("Exclude"):
            return "excluded by Epoch AI"
        if not row["Training compute (FLOP)"]:
            return "models whose training compute is not known"
        if not row["Publication date"]:
            return "models without a date"
        return _Report(row, row.name("Model"), row.date("Publication date"), row.amount("Training compute (FLOP)"))

    largest = 0.0
    for month, runs in _by_month(_reports(rows, faults, run)):
        top = max(runs, key=lambda report: report.value)
        for report in runs:
            if report is not top or top.value <= largest:
                report.row.file.left_out["models that were not the largest yet"] += 1
        if top.value <= largest:
            continue
        largest = top.value
        yield _seen("largest_run_log10_flop", month, math.log10(top.value), top.said, [top.row])
        if not top.row[_COST]:
            top.row.file.left_out["costs of a largest run that are not known"] += 1
            continue
        try:
            cost = top.row.amount(_COST)
        except CellError as error:
            faults.append(f"{top.row.place}: {error}")
        else:
            yield _seen("largest_run_cost_usd_mn", month, cost / 1e6, f"{top.said}, dollars of 2023", [top.row])


# ---- companies -----------------------------------------------------------------------------------------------------
def _revenue(rows: Sequence[Row], faults: Faults) -> Iterator[Observation]:
    """Run rate of the largest seller in months in which it reports, and the second's over it where both are recent."""

    def sales(row: Row) -> _Report | str:
        if row.flagged("Exclude from graph view"):
            return "excluded by Epoch AI"
        if row["Scope"] != "Full company":
            return "reports of a part of a company"
        if not row[_RUN_RATE]:
            return "reports without a run rate"
        if not row["Date"]:
            return "reports without a date"
        day = row.date("Date")
        if row["Report date"] and _month(day) > _month(row.date("Report date")):
            return "forecasts: the date is later than the report"
        rank = 1 if row["Annualized revenue type"] == _INTERPOLATED else 0
        return _Report(row, row.name("Company"), day, row.amount(_RUN_RATE), rank)

    used: set[str] = set()
    reports = _reports(rows, faults, sales)
    for month, ranking in _rankings(reports):
        leader = ranking[0]
        if leader.month == month:
            used.add(leader.row.place)
            said = f"{leader.said}, {leader.row['Annualized revenue type'] or 'run rate'}"
            yield _seen("leader_revenue_usd_bn", month, leader.value / 1e9, said, [leader.row])
        both = ranking[:2]
        if len(both) == 2 and all(_age(report, month) <= RECENT_MONTHS for report in both) and month in (
                leader.month, both[1].month):
            used |= {report.row.place for report in both}
            yield _seen("challenger_to_leader_revenue", month, both[1].value / leader.value,
                        f"{both[1].said}, over {leader.said}", [report.row for report in both])
    _count_unused(reports, used, "reports that are not the month's last of the largest seller, nor of a recent second")


def _funding(rows: Sequence[Row], faults: Faults) -> Iterator[Observation]:
    """The highest valuation in months in which a round sets it, and the largest round of each month that has one."""
    rows = list(_closed(rows))
    wrong = Faults()  # a date that is wrong is wrong for both outcomes, and said once

    def report(column: str) -> Callable[[Row], _Report | str]:
        return lambda row: (_Report(row, row.name("Company"), row.date("Close date"), row.amount(column)) if row[column]
                            else f"rounds without {column}")

    used: set[str] = set()
    valued = _reports(rows, wrong, report("Valuation (post-money)"))
    for month, ranking in _rankings(valued):
        if ranking[0].month == month:
            used.add(ranking[0].row.place)
            yield _seen("leader_valuation_usd_bn", month, ranking[0].value / 1e9, f"{ranking[0].said}, post-money",
                        [ranking[0].row])
    _count_unused(valued, used, "valuations that are not the month's last of the highest")
    new_money = [row for row in rows if "Primary" in row["Type"]]
    for row in rows:
        if "Primary" not in row["Type"]:
            row.file.left_out["for the largest round: rounds not said to bring the lab new money"] += 1
    for month, rounds in _by_month(_reports(new_money, wrong, report("Funding (equity)"), apart_by="Id")):
        top = max(rounds, key=lambda each: each.value)
        _count_unused(rounds, {top.row.place}, "rounds that are not the largest of their month")
        yield _seen("largest_round_usd_bn", month, top.value / 1e9, f"{top.said}, equity", [top.row])
    faults.extend(dict.fromkeys(wrong))


def _closed(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if row.flagged("Exclude from graph view"):
            row.file.left_out["excluded by Epoch AI"] += 1
        elif row["Status"] != "Closed":
            row.file.left_out["rounds that are not closed"] += 1
        elif not row["Close date"]:
            row.file.left_out["rounds without a date of closing"] += 1
        else:
            yield row


def _age(report: _Report, month: str) -> int:
    year, number = map(int, month.split("-"))
    return (year - report.day.year) * 12 + number - report.day.month


def _count_unused(reports: Iterable[_Report], used: Collection[str], reason: str) -> None:
    for report in reports:
        if report.row.place not in used:
            report.row.file.left_out[reason] += 1


# ---- chips ---------------------------------------------------------------------------------------------------------
def _chips(rows: Sequence[Row], faults: Faults) -> Iterator[Observation]:
    """The world's stock at each date at which every maker and owner is counted; China's share of it.

    Chips smuggled to China are rows besides those of their first owners, and add nothing to the world's. China's share
    counts them, as the outcome does, and is left out at dates of which the file has no such row.
    """
    sums = _sums(rows)
    by_date: dict[date, list[_Report]] = defaultdict(list)
    for report in _counts(sums, faults):
        by_date[report.day].append(report)
    unfinished = {row["End date"] for row in sums if row.flagged("Incomplete") or not row[H100E]}
    known: set[str] = set()
    for day, counted in sorted(by_date.items()):
        smuggled = [report for report in counted if report.row["Owner"] in _SMUGGLED]
        world = {report.who: report for report in counted if report not in smuggled}
        makers = sorted({report.row["Chip manufacturer"] for report in world.values()})
        whole = str(day) not in unfinished and known <= set(world)
        known |= set(world)
        if not whole or len(makers) < 2:
            _count_unused(counted, (), "counts of one maker alone" if whole else
                          "counts of dates that are not finished: an owner or a maker is missing")
            continue
        stock, month = sum(report.value for report in world.values()), _month(day)
        yield _seen("chip_stock_h100e", month, stock, f"{day}, chips of {', '.join(makers)} since counting began, none "
                    "retired", [report.row for report in world.values()])
        china = [report for report in world.values() if report.row["Owner"] in _CHINA]
        if smuggled:
            yield _seen("china_chip_share", month, sum(report.value for report in china + smuggled) / stock,
                        f"{day}, chips of owners in China and an estimate of smuggled ones, over all",
                        [report.row for report in counted])
        elif china:
            china[0].row.file.left_out["shares of China at dates without a count of smuggled chips"] += 1


def _sums(rows: Sequence[Row]) -> list[Row]:
    """The rows that count all chips up to a date, once; files of quarters have the same columns, over shorter times."""
    kept = []
    for file in {id(row.file): row.file for row in rows}.values():
        own = [row for row in rows if row.file is file]
        if all(_is_of_a_quarter(row) for row in own):
            file.left_out["new chips of a quarter: outcomes count the stock, or sales in dollars"] += len(own)
        else:
            kept += own
    if all(row["Chip type"] for row in kept):
        return kept
    for row in kept:
        if row["Chip type"]:
            row.file.left_out["types of chips that another file counts by maker"] += 1
    return [row for row in kept if not row["Chip type"]]


def _is_of_a_quarter(row: Row) -> bool:
    try:
        return 0 <= (row.date("End date") - row.date("Start date")).days <= _QUARTER_DAYS
    except CellError:  # kept, so that it is told where the row is read
        return False


def _counts(rows: Sequence[Row], faults: Faults) -> list[_Report]:
    """What is counted of each maker, owner and type up to each date; sums of one of them begin on one day."""
    begins: dict[str, date] = {}

    def count(row: Row) -> _Report | str:
        who = ", ".join(filter(None, (row.name("Chip manufacturer"), row["Owner"], row["Chip type"])))
        start, end = row.date("Start date"), row.date("End date")
        if start > end:
            raise CellError(f"begins on {start} and ends before, on {end}")
        if begins.setdefault(who, start) != start:
            raise CellError(f"{who} is counted from {start}, above from {begins[who]}; is this a sum or a quarter?")
        return _Report(row, who, end, row.amount(H100E)) if row[H100E] else "rows without a count"

    return _reports(rows, faults, count)


_READ: Mapping[str, Callable[[Sequence[Row], Faults], Iterator[Observation]]] = {
    MODELS.title: _models, REVENUE.title: _revenue, FUNDING.title: _funding, OWNERS.title: _chips, SALES.title: _chips,
}
