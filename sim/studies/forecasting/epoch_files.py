"""Epoch AI's public CSV files: which kind a file is, its rows, and what is wrong with it.

Files are downloaded from https://epoch.ai/data and used under CC BY 4.0. A file is read strictly: a column that is not
known may change what the others mean (a currency, a flag that takes rows back), so it is refused until somebody looked.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sim.common.text import printable, suggest
from sim.studies.forecasting.observations import ObservationsError

LICENCE = "CC BY 4.0"
H100E = "Compute estimate in H100e (median)"
_MOST_BYTES = 50_000_000
_MOST_FAULTS = 20  # more of them say no more
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_OTHER_MONEY = re.compile(r"[€£¥₩₹]|\b(?!USD|NAN|INF)[A-Z]{3}\b|\b(?!US\$)[A-Z]{1,3}\$")
_LIKELY = 0.5  # share of a kind's columns from which on a file is taken for one that lacks some


@dataclass(frozen=True)
class Kind:
    """One of the files: the columns it is known by, others it may have, and the columns that date it, the best first.

    `unused` says why no outcome is in a file of that kind; nothing of it is read.
    """

    title: str
    needs: tuple[str, ...]
    may_have: frozenset[str] = frozenset()
    dated_by: tuple[str, ...] = ()
    unused: str = ""


def _columns(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.replace("\n", " ").split(";"))


_FLAGS = _columns("Id; Notes; Confidence; Report date; Exclude from graph view; Graph note; Source type; Source 1; "
                  "Source 2; Source 3")
_CHIPS = _columns("""
Name; Chip type; Incomplete; Notes; Source / Link; Created; Last Modified; Last Modified 2; Last Modified By; H100e
(5th percentile); H100e (95th percentile); Compute estimate in H100e (5th percentile); Compute estimate in H100e (95th
percentile); Number of Units; Number of Units (median); Number of Units (5th percentile); Number of Units (95th
percentile); Number of units; Number of units (median); Number of units (5th percentile); Number of units (95th
percentile); Power in MW (median); Power in MW (5th percentile); Power in MW (95th percentile); Total TDP (W); Total
TDP (W) (5th percentile); Total TDP (W) (95th percentile); Cost Estimate (USD)""")
MODELS = Kind(
    "AI models", ("Model", "Publication date", "Training compute (FLOP)"),
    _columns("""
Organization; Domain; Task; Parameters; Parameters notes; Training compute notes; Training dataset; Training dataset
size (gradients); Training dataset size (total); Training dataset size (datapoints); Training dataset size;
(DEPRECATED) Training dataset size (datapoints); Dataset size notes; Confidence; Link; Reference; Citations; Authors;
Abstract; Organization categorization; Country (of organization); Country (from Organization); Notability criteria;
Notability criteria notes; Epochs; Training time (hours); Training time notes; Training hardware; Hardware quantity;
Hardware utilization; Hardware utilization (MFU); Hardware utilization (HFU); Training compute cost (2023 USD);
Compute cost notes; Training power draw (W); Base model; Finetune compute (FLOP); Finetune compute notes; Batch size;
Batch size notes; Model accessibility; Training code accessibility; Inference code accessibility; Accessibility notes;
Numerical format; Frontier model; Hardware acquisition cost; Training compute cost (cloud); Training compute cost
(upfront); Training dataset notes; Inference compute (FLOP); Inference compute notes; Approach; Compute sponsor
categorization; Last modified; Created By; WikiText and Penn Treebank data; Exclude; Training cloud compute vendor;
Training data center; Archived links; Foundation model; Training compute lower bound; Training compute upper bound;
Training chip-hours; Possibly over 1e23 FLOP; Sparsity; Utilization notes; Estimated over 1e25 FLOP; Power per GPU;
Base model compute; Total compute - (base + finetune); API prices; Created; Model versions; FLOP/$; Hardware release
date; Hardware age; Hardware FP32; Hardware TF32; Hardware count; Hardware TF16; Hardware FP16; Assumed precision;
Assumed hardware performance (FLOP/s); Training compute estimation method; Hugging Face developer id; Post-training
compute (FLOP); Post-training compute notes; Hardware maker; benchmarks/models; Maybe over 1e25 FLOP; Updated dataset
size; Distillation or synthetic data; Distillation or synthetic data compute; Distillation or synthetic data compute
notes; Knowledge cutoff; Context window; Documents; Open model weights?; Model versions (benchmarks)"""),
    ("Publication date",))
REVENUE = Kind(
    "companies' revenue reports",
    ("Company", "Date", "Annualized revenue (USD)", "Annualized revenue type", "Scope"),
    _FLAGS | _columns("Revenue amount (normalize to annual); Period revenue; Period type; Other revenue info"),
    ("Report date", "Date"))
FUNDING = Kind(
    "companies' funding rounds",
    ("Company", "Close date", "Status", "Type", "Funding (equity)", "Valuation (post-money)"),
    _FLAGS | _columns("Funding (debt)"), ("Report date", "Close date"))
OWNERS = Kind("chip owners", ("Chip manufacturer", "Owner", "Start date", "End date", H100E), _CHIPS, ("End date",))
SALES = Kind("chip sales", ("Chip manufacturer", "Start date", "End date", H100E), _CHIPS, ("End date",))
_A_PART = "a part of the world's chips, and how large a part is not known"
KINDS = (
    MODELS, REVENUE, FUNDING, OWNERS, SALES,
    Kind("ML hardware", ("Hardware name", "Manufacturer", "Release date"),
         unused="what a chip can do, not how many there are"),
    Kind("frontier data centres", ("Project", "Owner", "Current H100 equivalents", "Current power (MW)"),
         unused=_A_PART),
    Kind("frontier data centres' timelines", ("Data center", "Date", "Power (MW)", "H100 equivalents"), unused=_A_PART),
    Kind("GPU clusters", ("Name", "First Operational Date", "H100 equivalents"), unused=_A_PART),
    Kind("companies", ("Name", "Company type", "Founding date"), unused="no quantity"),
    Kind("companies' compute spending", ("Company", "Category", "Amount", "Date"),
         unused="one lab's spending; outcomes count all labs' or a run's"),
    Kind("companies' staff", ("Company", "Staff count", "Date"), unused="no outcome counts staff"),
    Kind("companies' users", ("Company", "Active users", "Date"), unused="no outcome counts users"),
)


@dataclass(frozen=True)
class EpochFile:
    """A file that was read: its kind, its newest date, its SHA-256, how many rows, and why some gave no observation.

    The date is the newest in the file: that of the file itself is of the day on which somebody copied it.
    """

    path: Path
    kind: Kind = field(repr=False)
    newest: str
    sha256: str
    rows: int
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def source(self) -> str:
        """The file in the `source` of an observation."""
        return f"{printable(self.path.name)} to {self.newest} (SHA-256 {self.sha256})"


class CellError(ValueError):
    """What is wrong with a cell."""


@dataclass(frozen=True)
class Row:
    """A row with its place, as "models.csv:7"; a column that the file lacks is an empty cell."""

    file: EpochFile = field(repr=False)
    place: str
    cells: dict[str, str] = field(repr=False)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def name(self, column: str) -> str:
        """The name in a cell; CellError if it is empty."""
        if not self[column]:
            raise CellError(f"{column} is empty")
        return self[column]

    def flagged(self, column: str) -> bool:
        """Whether a box is ticked."""
        return self[column].lower() not in ("", "false", "no", "0")

    def date(self, column: str) -> date:
        """The date of a cell; CellError if it is none."""
        try:
            if _DAY.fullmatch(self[column]):
                return date.fromisoformat(self[column])
        except ValueError:
            pass
        raise CellError(f"{column} {self[column]!r} is no date; Epoch AI writes 2025-06-30, and a spreadsheet may have "
                    "rewritten it: download the file afresh")

    def amount(self, column: str) -> float:
        """The number of a cell, above zero and, if it is money, in US dollars; CellError if it is none."""
        text = self[column]
        if _OTHER_MONEY.search(text):
            raise CellError(f"{column} {text!r} is in another currency; convert it to USD")
        text = re.sub(r"^(US\$|\$|USD)\s*|\s*USD$", "", text)
        if not _NUMBER.fullmatch(text):
            raise CellError(f"{column} {self[column]!r} is no number; write it out, as in 1500000000")
        value = float(text.replace(",", ""))
        if not 0.0 < value < float("inf"):
            raise CellError(f"{column} {self[column]!r} is not above zero; leave the cell empty if it is not known")
        return value


class Faults(list[str]):
    """What is wrong with the files, collected so that all of it is said at once."""

    def end(self) -> None:
        """ObservationsError if anything is wrong."""
        if self:
            more = [f"and {len(self) - _MOST_FAULTS} more"] if len(self) > _MOST_FAULTS else []
            raise ObservationsError("\n".join([*self[:_MOST_FAULTS], *more]))


def read_file(path: Path, ignored: Collection[str] = ()) -> tuple[EpochFile, list[Row]]:
    """A file and its rows, none if no outcome is in files of that kind; columns that are `ignored` may be there.

    Raises ObservationsError with what is wrong, OSError if the file cannot be read.
    """
    with path.open("rb") as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ObservationsError(f"{path}: is larger than {_MOST_BYTES / 1e6:.0f} MB; Epoch AI's files are smaller")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ObservationsError(f"{path}: is not text in UTF-8; download it afresh, or save it as UTF-8") from None
    lines = list(_lines(path, text))
    if not lines:
        raise ObservationsError(f"{path}: is empty; download it afresh")
    header = tuple(cell.strip() for cell in lines[0][1])
    kind = _kind(path, header)
    if not kind.unused:
        _refuse_unknown(path, header, kind, ignored)
    faults = Faults(f"{place}: has {len(cells)} cells, the header {len(header)}; is the file whole?"
                    for place, cells in lines[1:] if len(cells) != len(header))
    faults.end()
    if not lines[1:]:
        raise ObservationsError(f"{path}: holds a header and no row; download it afresh")
    cells = [dict(zip(header, (cell.strip() for cell in row), strict=True)) for _, row in lines[1:]]
    dated = next((column for column in kind.dated_by if column in header), "")
    newest = max((row[dated] for row in cells if dated and _DAY.fullmatch(row[dated])), default="an unknown date")
    file = EpochFile(path, kind, newest, hashlib.sha256(content).hexdigest(), len(cells))
    if kind.unused:
        file.left_out[kind.unused] = len(cells)
        return file, []
    return file, [Row(file, place, row) for (place, _), row in zip(lines[1:], cells, strict=True)]


def _lines(path: Path, text: str) -> Iterator[tuple[str, list[str]]]:
    """The rows that are not blank, each with the line it begins on: cells may hold several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield f"{path}:{begins}", row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ObservationsError(f"{path}:{begins}: is no CSV ({error}); download the file afresh") from None


def _kind(path: Path, header: tuple[str, ...]) -> Kind:
    """The kind whose columns are all there, the one with most of them; ObservationsError if there is none."""
    fitting = [kind for kind in KINDS if set(kind.needs) <= set(header)]
    if fitting:
        return max(fitting, key=lambda kind: len(kind.needs))
    nearest = max(KINDS, key=lambda kind: len(set(kind.needs) & set(header)) / len(kind.needs))
    lacks = [name for name in nearest.needs if name not in header]
    if len(lacks) > len(nearest.needs) * _LIKELY or nearest.unused:
        raise ObservationsError(f"{path}: is none of the files of Epoch AI that are known: "
                                f"{', '.join(kind.title for kind in KINDS)}; see https://epoch.ai/data")
    told = f"{path}: looks like {nearest.title} and lacks the column{'s' * (len(lacks) > 1)} {', '.join(lacks)}"
    for name in lacks:
        bare = name.partition("(")[0]
        if "(USD)" in name and (other := [each for each in header if each.startswith(bare) and "(" in each]):
            told += f"; amounts have to be in USD, and here is {other[0]}"
    raise ObservationsError(f"{told}; download it afresh")


def _refuse_unknown(path: Path, header: tuple[str, ...], kind: Kind, ignored: Collection[str]) -> None:
    """ObservationsError for columns that are there twice, have no name, or are not known."""
    if twice := [name for name, count in Counter(header).items() if name and count > 1]:
        raise ObservationsError(f"{path}: has the column {twice[0]} twice; download the file afresh")
    known = {*kind.needs, *kind.may_have}
    unknown = [name for name in header if name not in known and name not in ignored]
    if not unknown:
        return
    if "" in unknown:
        raise ObservationsError(f"{path}: column {header.index('') + 1} has no name; download the file afresh")
    near = {name: suggest(name, sorted(known)) for name in unknown}
    named = ", ".join(printable(name) + (f" (did you mean {near[name]}?)" if near[name] else "") for name in unknown)
    raise ObservationsError(
        f"{path}: has columns that {kind.title} are not known to have: {named}. Read are {', '.join(kind.needs)}; "
        f"{len(kind.may_have)} others are known. Look whether a new one changes what these mean; if not, name it with "
        "--ignore-column")
