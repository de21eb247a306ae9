"""Epoch AI's public files become observations of the same quantities, and a file that cannot be trusted says why.

The files beside this one are made up; see their README.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest

from sim.model.outcomes import OUTCOMES
from sim.studies.forecasting import epoch_files
from sim.studies.forecasting.epoch import Imported, read_epoch
from sim.studies.forecasting.observations import ObservationsError, read_observations

FILES = Path(__file__).parent / "epoch_files"
MODELS = FILES / "notable_ai_models.csv"
REVENUE = FILES / "ai_companies_revenue_reports.csv"
FUNDING = FILES / "ai_companies_funding_rounds.csv"
OWNERS = FILES / "cumulative_by_designer.csv"
QUARTERS = FILES / "quarters_by_chip_type.csv"
CENTRES = FILES / "data_centers.csv"
ALL = (MODELS, REVENUE, FUNDING, OWNERS, QUARTERS, CENTRES)


def values(found: Imported, outcome: str) -> dict[str, float]:
    """An outcome's observations by month."""
    return {seen.month: seen.value for seen in found.observations if seen.outcome == outcome}


def left_out(found: Imported) -> dict[str, int]:
    file, = found.files
    return dict(file.left_out)


def changed(path: Path, folder: Path, **cells: str) -> Path:
    """A copy of a file whose first row has other cells; a column is named by its place in the header, as `at2`."""
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
    for place, cell in cells.items():
        rows[1][int(place.removeprefix("at"))] = cell
    return written(folder / path.name, rows)


def written(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def with_row(path: Path, folder: Path, like: int, **cells: str) -> Path:
    """A copy of a file with one more row, like that of a number but for some cells."""
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
    more = list(rows[like])
    for column, cell in cells.items():
        more[rows[0].index(column.replace("__", " "))] = cell
    return written(folder / path.name, [*rows, more])


def refusal(*paths: Path, **options) -> str:
    with pytest.raises(ObservationsError) as refused:
        read_epoch(paths, **options)
    return str(refused.value)


# ---- the file that `airace score` reads ----------------------------------------------------------------------------
def test_what_is_written_is_read_back_unchanged_with_licence_date_and_checksum(tmp_path: Path) -> None:
    found = read_epoch(ALL)
    file = tmp_path / "observations.csv"
    file.write_text(found.to_csv(), encoding="utf-8")
    assert tuple(read_observations(file)) == found.observations
    early = read_epoch([changed(MODELS, tmp_path, at2="0950-07-02")])
    file.write_text(early.to_csv(), encoding="utf-8")
    assert tuple(read_observations(file)) == early.observations
    assert {seen.outcome for seen in found.observations} == {
        "largest_run_log10_flop", "largest_run_cost_usd_mn", "leader_revenue_usd_bn", "challenger_to_leader_revenue",
        "largest_round_usd_bn", "leader_valuation_usd_bn", "chip_stock_h100e", "china_chip_share"}
    by_path = {file.path: file for file in found.files}
    source = next(seen.source for seen in found.observations if seen.outcome == "leader_revenue_usd_bn")
    assert source.startswith("Epoch AI, CC BY 4.0, ai_companies_revenue_reports.csv to 2026-01-31 (SHA-256 "
                             f"{by_path[REVENUE].sha256}): OpenAI, 2025-01-31 (likely)")


def test_observations_stand_in_the_order_of_outcomes_and_months() -> None:
    order = list(OUTCOMES)
    keys = [(order.index(seen.outcome), seen.month) for seen in read_epoch(ALL).observations]
    assert keys == sorted(keys)


def test_months_limit_what_is_taken_and_not_what_it_is_compared_with() -> None:
    """A run of March is no new largest in June because June is the first month asked for."""
    whole, part = read_epoch([MODELS]), read_epoch([MODELS], "2025-02", "2025-05")
    assert [seen for seen in whole.observations if "2025-02" <= seen.month <= "2025-05"] == list(part.observations)
    assert part.outside == len(whole.observations) - len(part.observations) > 0
    assert values(part, "largest_run_log10_flop") == {"2025-03": pytest.approx(math.log10(2e25))}


# ---- what outcomes take --------------------------------------------------------------------------------------------
def test_the_largest_run_is_the_running_maximum_and_its_cost_that_of_the_same_run() -> None:
    """April has none larger than March's. Small costs most and is not the largest of June, whose cost is not known."""
    found = read_epoch([MODELS])
    assert values(found, "largest_run_log10_flop") == {
        "2025-01": 25.0, "2025-03": pytest.approx(math.log10(2e25)), "2025-06": pytest.approx(math.log10(4e25))}
    assert values(found, "largest_run_cost_usd_mn") == {"2025-01": 50.0, "2025-03": 80.0}
    assert left_out(found) == {
        "models whose training compute is not known": 1, "models without a date": 1,
        "models that were not the largest yet": 3, "costs of a largest run that are not known": 1}


def test_the_leader_is_whoever_sells_most_and_a_second_counts_for_three_months() -> None:
    """Forecasts, parts of a company and interpolations beside a stated rate are no reports."""
    found = read_epoch([REVENUE])
    assert values(found, "leader_revenue_usd_bn") == {"2025-01": 2.0, "2025-05": 4.0, "2025-12": 6.0}
    # In May the second's report is of February, three months old; in December the other's is of May.
    assert values(found, "challenger_to_leader_revenue") == {"2025-02": 0.25, "2025-05": 0.125, "2025-06": 0.25}
    assert left_out(found) == {
        "reports of a part of a company": 1, "reports without a run rate": 1,
        "forecasts: the date is later than the report": 1,
        "interpolated, where the same day has a stated run rate": 1,
        "reports that are not the month's last of the largest seller, nor of a recent second": 1}


def test_a_second_report_older_than_three_months_makes_no_ratio(tmp_path: Path) -> None:
    rows = list(csv.reader(REVENUE.open(encoding="utf-8", newline="")))
    rows[2] = [cell.replace("2025-02-28", "2025-01-31") for cell in rows[2]]
    found = read_epoch([written(tmp_path / "revenue.csv", rows)])
    assert values(found, "challenger_to_leader_revenue") == {"2025-01": 0.25, "2025-06": 0.25}


def test_valuations_and_rounds_are_of_what_closed_and_rounds_of_new_money() -> None:
    found = read_epoch([FUNDING])
    assert values(found, "leader_valuation_usd_bn") == {"2025-02": 70.0, "2025-06": 90.0}
    assert values(found, "largest_round_usd_bn") == {"2025-02": 3.0, "2025-09": 5.0}
    assert left_out(found) == {
        "rounds that are not closed": 1, "excluded by Epoch AI": 1, "rounds that are not the largest of their month": 1,
        "for the largest round: rounds not said to bring the lab new money": 1,
        "valuations that are not the month's last of the highest": 2}


def test_the_stock_of_chips_counts_smuggled_ones_once_and_only_whole_dates() -> None:
    """In March 2025: 900 + 100 + 300 + 100 in the world; China's 100 + 100, and 140 that others were sold."""
    found = read_epoch([OWNERS])
    assert values(found, "chip_stock_h100e") == {"2024-12": 1000.0, "2025-03": 1400.0}
    assert values(found, "china_chip_share") == {"2025-03": pytest.approx(340 / 1400)}
    assert left_out(found) == {
        "counts of one maker alone": 1, "shares of China at dates without a count of smuggled chips": 1,
        "counts of dates that are not finished: an owner or a maker is missing": 6}


def test_a_maker_whose_first_count_is_empty_leaves_the_date_unfinished(tmp_path: Path) -> None:
    rows = list(csv.reader(OWNERS.open(encoding="utf-8", newline="")))
    first, = (row for row in rows if row[1] == "Huawei" and row[4] == "2025-03-31")
    first[5] = ""
    assert set(values(read_epoch([written(tmp_path / "owners.csv", rows)]), "chip_stock_h100e")) == {"2024-12"}


def test_types_of_chips_are_not_added_to_what_is_counted_by_maker(tmp_path: Path) -> None:
    rows = list(csv.reader(OWNERS.open(encoding="utf-8", newline="")))
    by_type = [[*row, kind] for row, kind in zip(rows, ["Chip type", *["B200"] * (len(rows) - 1)], strict=True)]
    both = read_epoch([OWNERS, written(tmp_path / "types.csv", by_type)])
    assert both.observations == read_epoch([OWNERS]).observations
    assert dict(both.files[1].left_out) == {"types of chips that another file counts by maker": len(rows) - 1}


def test_what_no_outcome_counts_is_named_and_left_out() -> None:
    found = read_epoch([QUARTERS, CENTRES])
    assert found.observations == ()
    assert [dict(file.left_out) for file in found.files] == [
        {"new chips of a quarter: outcomes count the stock, or sales in dollars": 3},
        {"a part of the world's chips, and how large a part is not known": 1}]


# ---- what is refused -----------------------------------------------------------------------------------------------
def test_an_unknown_column_is_refused_until_it_is_named(tmp_path: Path) -> None:
    rows = list(csv.reader(REVENUE.open(encoding="utf-8", newline="")))
    file = written(tmp_path / "revenue.csv", [[*rows[0], "Currency"], *([*row, "EUR"] for row in rows[1:])])
    told = refusal(file)
    assert "has columns that companies' revenue reports are not known to have: Currency. Read are Company" in told
    assert len(read_epoch([file], ignored=["Currency"]).observations) == len(read_epoch([REVENUE]).observations)


@pytest.mark.parametrize(("header", "told"), [
    ("a,b,c", "is none of the files of Epoch AI that are known: AI models, companies' revenue reports"),
    ("Model,Publication date", "looks like AI models and lacks the column Training compute (FLOP); download"),
    ("Company,Date,Annualized revenue (EUR),Annualized revenue type,Scope",
     "lacks the column Annualized revenue (USD); amounts have to be in USD, and here is Annualized revenue (EUR)"),
    ("Model,Model,Publication date,Training compute (FLOP)", "has the column Model twice"),
    ("Model,Publication date,Training compute (FLOP),", "column 4 has no name"),
])
def test_a_file_of_another_form_is_refused_with_what_it_lacks(tmp_path: Path, header: str, told: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text(f"{header}\n{',' * header.count(',')}x\n", encoding="utf-8")
    assert told in refusal(file)


@pytest.mark.parametrize(("path", "place", "cell", "told"), [
    (MODELS, "at2", "20/06/2025", "notable_ai_models.csv:2: Publication date '20/06/2025' is no date"),
    (MODELS, "at2", "20250620", "Publication date '20250620' is no date"),
    (MODELS, "at2", "2025-02-30", "Publication date '2025-02-30' is no date"),
    (MODELS, "at7", "-1e25", "Training compute (FLOP) '-1e25' is not above zero"),
    (MODELS, "at7", "0", "is not above zero; leave the cell empty if it is not known"),
    (MODELS, "at7", "nan", "'nan' is no number"),
    (MODELS, "at7", "1e999", "is not above zero"),
    (MODELS, "at28", "€5000000", "Training compute cost (2023 USD) '€5000000' is in another currency"),
    (MODELS, "at0", "", "Model is empty"),
    (REVENUE, "at3", "2000000000 EUR", "is in another currency; convert it to USD"),
    (REVENUE, "at3", "CA$2,000,000,000", "is in another currency; convert it to USD"),
    (REVENUE, "at3", "2bn", "'2bn' is no number; write it out, as in 1500000000"),
    (REVENUE, "at3", "2,5", "'2,5' is no number"),
    (FUNDING, "at2", "Feb 2025", "Close date 'Feb 2025' is no date"),
    (FUNDING, "at6", "-7", "Valuation (post-money) '-7' is not above zero"),
    (OWNERS, "at3", "2022-05-01", "begins on 2022-05-01 and ends before, on 2022-03-31"),
])
def test_a_cell_that_cannot_be_is_refused_with_its_place(tmp_path: Path, path: Path, place: str, cell: str,
                                                         told: str) -> None:
    assert told in refusal(changed(path, tmp_path, **{place: cell}))


def test_the_place_is_the_line_on_which_a_row_begins(tmp_path: Path) -> None:
    """The model before the second one has an abstract of two lines."""
    rows = list(csv.reader(MODELS.open(encoding="utf-8", newline="")))
    rows[2][2] = "never"
    assert refusal(written(tmp_path / "models.csv", rows)).startswith(f"{tmp_path / 'models.csv'}:4: Publication date")


def test_dollars_and_thousands_are_read_as_they_are_written(tmp_path: Path) -> None:
    assert read_epoch([changed(REVENUE, tmp_path, at3="$2,000,000,000")]).observations[0].value == 2.0


def test_a_report_that_is_repeated_counts_once_and_one_that_contradicts_is_refused_with_both(tmp_path: Path) -> None:
    again = read_epoch([with_row(REVENUE, tmp_path, 1)])
    assert left_out(again)["repeated"] == 1
    assert values(again, "leader_revenue_usd_bn") == values(read_epoch([REVENUE]), "leader_revenue_usd_bn")
    other = with_row(REVENUE, tmp_path, 1, **{"Annualized revenue (USD)": "2500000000"})
    assert refusal(other) == (f"{other}:12: says 2.5e+09 of OpenAI on 2025-01-31, {other}:2 says 2e+09; look which is "
                              "right and take the other out")


def test_two_rounds_of_one_day_are_two_and_one_round_with_two_sums_is_refused(tmp_path: Path) -> None:
    rest = {"Valuation (post-money)": "", "Funding (equity)": "4000000000"}
    two = read_epoch([with_row(FUNDING, tmp_path, 1, Id="Series X2", **rest)])
    assert values(two, "largest_round_usd_bn")["2025-02"] == 4.0
    assert "says 4e+09 of OpenAI on 2025-02-10" in refusal(with_row(FUNDING, tmp_path, 1, **rest))


def test_sums_that_begin_on_two_days_are_refused(tmp_path: Path) -> None:
    mixed = with_row(OWNERS, tmp_path, 1, **{"Start date": "2025-01-01", "End date": "2025-03-31"})
    assert "Nvidia, Other is counted from 2025-01-01, above from 2022-01-01" in refusal(mixed)


def test_files_that_count_the_same_differently_are_refused_with_both(tmp_path: Path) -> None:
    sales = "Chip manufacturer,Start date,End date,Compute estimate in H100e (median)\n"
    sales += "".join(f"{maker},2022-01-01,2025-03-31,{count}\n" for maker, count in (("Nvidia", 1100), ("Google", 299)))
    (tmp_path / "sales.csv").write_text(sales, encoding="utf-8")
    told = refusal(OWNERS, tmp_path / "sales.csv")
    assert "chip_stock_h100e of 2025-03 is 1400 by one file and 1399 by another" in told
    assert told.endswith("; give one of them")


@pytest.mark.parametrize(("content", "told"), [
    (b"", "is empty"),
    (b"\n\n", "is empty"),
    (b"\xff\xfeM\x00", "is not text in UTF-8"),
    (b"Model,Publication date,Training compute (FLOP)\n", "holds a header and no row"),
    (b"Model,Publication date,Training compute (FLOP)\nA,2025-01-01\n", "file.csv:2: has 2 cells, the header 3"),
    (b'Model,Publication date,Training compute (FLOP)\n"A,2025-01-01,1\n', "file.csv:2: is no CSV"),
    (b"PK\x03\x04 a zip", "is none of the files"),
])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    assert told in refusal(tmp_path / "file.csv")


def test_a_file_too_large_to_be_one_of_them_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert epoch_files._MOST_BYTES == 50_000_000
    monkeypatch.setattr(epoch_files, "_MOST_BYTES", MODELS.stat().st_size - 1)
    assert "is larger than" in refusal(MODELS)
    monkeypatch.setattr(epoch_files, "_MOST_BYTES", MODELS.stat().st_size)
    assert read_epoch([MODELS]).observations


def test_many_faults_are_told_at_once_and_not_all(tmp_path: Path) -> None:
    rows = "".join(f"A{n},never,1e25\n" for n in range(100))
    (tmp_path / "many.csv").write_text(f"Model,Publication date,Training compute (FLOP)\n{rows}", encoding="utf-8")
    lines = refusal(tmp_path / "many.csv").splitlines()
    assert len(lines) == 21
    assert lines[-1] == "and 80 more"


def test_the_same_file_twice_and_months_that_are_none_are_refused(tmp_path: Path) -> None:
    copy = tmp_path / "copy.csv"
    copy.write_bytes(MODELS.read_bytes())
    assert refusal(MODELS, copy) == f"{copy}: has the same content as {MODELS}; give one of them"
    assert refusal(MODELS, first="2025") == "'2025' is no month; write one as in 2026-03"
    assert refusal(MODELS, first="2025-05", last="2025-02") == (
        "2025-05 is later than 2025-02; give the earlier month first")
