"""The world of one batch: everything that a month's rules read and write, and how they look across kinds."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.events import EventLog
from sim.luck import SMALLEST, Luck
from sim.parameters import DATA
from sim.state import CHINA, LAB_SLOTS, NATIONS, PURPOSES, REGULATORS, US, Table, tables_of

if TYPE_CHECKING:
    from sim.given import Settings
    from sim.naming import Names

Value = Any  # a parameter: a float when all rows agree, else an array (rows, 1)


@dataclass(frozen=True)
class Founding:
    """A decision to open labs, at most one a row: arrays of the same length."""

    rows: np.ndarray
    founder: np.ndarray  # founder slot, or NOBODY for a start-up with a new founder
    nation: np.ndarray
    cash: np.ndarray  # USD bn of seed money
    algorithm: np.ndarray  # log10 efficiency to begin with
    mission: np.ndarray
    own_money: np.ndarray  # USD bn of the founder's own in it
    left: np.ndarray  # lab slot that the founder left, or NOBODY


class World:
    """Everything that a month's rules read and write; one row per run.

    `state` (rows,) holds each run's record (`sim/state.py`); the tables `labs`, `founders`, `regulators`, `nations`,
    `capital`, `chips`, `customers`, `docket`, `now` and `past` are views of it. `p` holds parameters and `policy`
    levers by name (`world.p.algorithm_growth`, `world.policy.regulation.strictness`): a plain float when every row
    agrees, else an array (rows, 1), or (rows, regulators) where jurisdictions may differ. `foundings` are labs that
    founders have decided to open this month; `called` says what labs and founders are called in all that is told.

    From the start file, so that no rule need know which power is which: `blocs` (nations,) says which power leads each
    nation's bloc, `served` (regulators,) which nation each regulator serves, `lets_sue` (nations,) where rights
    holders can sue labs, `reach_by_nation` (regulators, nations) how far each regulator's rules reach, `susceptibility`
    and `rulemaking_months` (1, regulators) how far lobbying moves it and how long it takes.
    """

    labs: Table
    founders: Table
    regulators: Table
    nations: Table
    capital: Table
    chips: Table
    customers: Table
    docket: Table
    now: Table
    past: Table

    def __init__(
        self,
        state: np.ndarray,
        start: Mapping[str, Any],
        *,
        months: int,
        luck: Luck,
        p: SimpleNamespace,
        policy: SimpleNamespace,
        dated_events: list[tuple[np.ndarray, Any]],
        called: Names,
    ) -> None:
        self.state, self.start, self.months, self.luck = state, start, months, luck
        self.p, self.policy, self.dated_events, self.called = p, policy, dated_events, called
        self.rows, self.month = len(state), 0
        self._tables = tables_of(state)
        vars(self).update(self._tables)
        self.foundings: list[Founding] = []
        self.log = EventLog()
        self._own_books: dict[str, np.ndarray] = {}
        regulators, nations = (in_order(start, *which) for which in (("regulator", REGULATORS), ("nation", NATIONS)))
        self.reach_by_nation = np.array([[row["reach"].get(nation, 0.0) for nation in NATIONS] for row in regulators])
        self.susceptibility = np.array([[float(row["susceptibility"]) for row in regulators]])
        self.rulemaking_months = np.array([[float(row["rulemaking_months"]) for row in regulators]])
        self.served = np.array([NATIONS.index(row["nation"]) for row in regulators])
        self.blocs = np.array([NATIONS.index(row["bloc"]) for row in nations])
        self.lets_sue = np.array([row.get("rights_holders_sue", True) for row in nations])

    # ---- tables ---------------------------------------------------------------------------------------------
    def tables(self) -> dict[str, Table]:
        """The state tables by name."""
        return dict(self._tables)

    # ---- money: the only way to change a lab's cash -----------------------------------------------------------
    def receive(self, purpose: str, amount: np.ndarray) -> None:
        """Add `amount` (rows, labs), USD bn, to the labs' cash, under a heading."""
        self.labs.cash += amount
        self._book(purpose)[...] += amount

    def receive_at(self, purpose: str, rows: np.ndarray, slots: np.ndarray, amounts: np.ndarray) -> None:
        """Add amounts (n,) to the cash of single labs, given by rows (n,) and slots (n,), each at most once."""
        self.labs.cash[rows, slots] += amounts
        self._book(purpose)[rows, slots] += amounts

    def pay(self, purpose: str, amount: np.ndarray) -> None:
        """Take `amount` (rows, labs), USD bn, from the labs' cash, under a heading."""
        self.receive(purpose, -amount)

    @property
    def books(self) -> dict[str, np.ndarray]:
        """What labs received in this month by heading, USD bn (rows, labs), below 0 what they paid."""
        return {purpose: self._book(purpose) for purpose in (*PURPOSES, *self._own_books)}

    def _book(self, purpose: str) -> np.ndarray:
        if purpose in PURPOSES:
            book: np.ndarray = self.state["books"][:, PURPOSES.index(purpose)]
            return book
        return self._own_books.setdefault(purpose, np.zeros_like(self.labs.cash))

    @cached_property
    def settings(self) -> Settings:
        """What the runs are given, as compiled rules take it."""
        from sim.given import settings_of

        return settings_of(self)

    def live(self, stage: Callable[[np.ndarray, Settings], None]) -> None:
        """Let a compiled stage pass in every run, and keep what it tells."""
        from sim.model.news import collect

        stage(self.state, self.settings)
        self.log.extend(collect(self.state))

    def begin_month(self) -> None:
        """Clear what is counted by the month."""
        self.luck.month = self.month
        self.state["month"] = self.month
        self.state["now"] = np.zeros((), self.state.dtype["now"])
        self.state["books"] = 0.0
        self._own_books.clear()

    # ---- sums and look-ups across kinds -----------------------------------------------------------------------
    def by_nation(self, of_labs: np.ndarray) -> np.ndarray:
        """Sum a quantity of labs (rows, labs) by nation: (rows, nations)."""
        width = len(NATIONS)
        place = (row_offsets(self.rows, width) + self.labs.nation).ravel()
        return np.bincount(place, of_labs.ravel(), self.rows * width).reshape(self.rows, width)

    def of_nation(self, of_nations: np.ndarray) -> np.ndarray:
        """Give each lab its nation's value: (rows, nations) to (rows, labs)."""
        return of_slot(of_nations, self.labs.nation)

    def by_form(self, *values: Value) -> np.ndarray:
        """Give each lab the value of its legal form; `values` in the order of `Form`: (rows, labs)."""
        if all(isinstance(value, float) for value in values):
            return np.array(values).take(self.labs.form)
        table = np.hstack([np.broadcast_to(value, (self.rows, 1)) for value in values])
        return of_slot(table, self.labs.form)

    def to_lab(self, slots: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """Sum amounts (rows, k) into the lab slots they name (rows, k): (rows, labs). NOBODY is dropped."""
        named = np.flatnonzero(slots >= 0)
        place = named // slots.shape[1] * LAB_SLOTS + slots.ravel().take(named)
        counted = np.bincount(place, amounts.ravel().take(named), self.rows * LAB_SLOTS)
        return counted.reshape(self.rows, LAB_SLOTS)

    def by_bloc(self, of_nations: np.ndarray) -> np.ndarray:
        """Sum a quantity of nations (rows, nations) by bloc: (rows, 2)."""
        return np.hstack([row_sum(of_nations * (self.blocs == bloc)) for bloc in (US, CHINA)])

    @property
    def is_chinese(self) -> np.ndarray:
        """Labs in the bloc that China leads, bool (rows, labs)."""
        return self.blocs[self.labs.nation] == CHINA

    @property
    def bloc(self) -> np.ndarray:
        """Each lab's bloc: 0 led by the US, 1 by China; int (rows, labs)."""
        return self.is_chinese.astype(np.int64)


@cache
def row_offsets(rows: int, width: int) -> np.ndarray:
    """Where each row of a (rows, width) array begins when it is laid flat: (rows, 1)."""
    return np.arange(rows)[:, None] * width


def of_slot(values: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Look up values (rows, n) at slots (rows, k), NOBODY reading slot 0 (mask it): (rows, k)."""
    return values.ravel().take(np.maximum(slots, 0) + row_offsets(*values.shape))


def at_rows(value: Value, rows: np.ndarray) -> Value:
    """A parameter or lever at some rows: itself when all rows agree, else (len(rows),)."""
    return value if isinstance(value, float) else value[rows, 0]


def feuds(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Founders who bear a grudge against a lab in business that is not their own: rows, founder slots, lab slots (n,).

    Few founders do, so what they decide is worked out for them alone.
    """
    founders = world.founders
    flat = np.flatnonzero(founders.active & (founders.grievance_lab >= 0))
    rows, slots = np.divmod(flat, founders.grievance_lab.shape[1])
    against = founders.grievance_lab[rows, slots]
    real = world.labs.active[rows, against] & (against != founders.home[rows, slots])
    return rows[real], slots[real], against[real]


def one_a_row(rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Indices of the heaviest entry of each row among entries with row numbers `rows` (n,); ties go to the first."""
    order = np.lexsort((np.arange(len(rows)), -weight, rows))
    _, first = np.unique(rows[order], return_index=True)
    return order[first]


def column(value: Value, rows: np.ndarray) -> Value:
    """A parameter or lever at some rows, for use with arrays (len(rows), slots)."""
    return value if isinstance(value, float) else value[rows]


def first_free(active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first slot not in use, and whether there is one: int (rows,), bool (rows,)."""
    slot = np.argmin(active, axis=1)
    return slot, ~active[np.arange(len(active)), slot]


def choose_one(weights: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Choose a slot in each row with chance in proportion to its weight: int (n,), for weights and luck `u` (n, slots).

    The first to arrive of exponential waits, so that the choice does not depend on the order of slots. A row without
    any weight gets slot 0.
    """
    wait = -np.log(np.maximum(u, SMALLEST)) / np.maximum(weights, 1e-300)
    return np.where(weights > 0.0, wait, np.inf).argmin(axis=1)


def row_sum(values: np.ndarray) -> np.ndarray:
    """The sum of each row of floats (rows, n): (rows, 1). Quicker than `sum`, the same bits for any number of rows."""
    return np.einsum("ij->i", values)[:, None]


def largest(values: np.ndarray) -> np.ndarray:
    """The largest value of each row of (rows, n): (rows, 1). NumPy finds where it is faster than what it is."""
    return values.ravel().take(values.argmax(axis=1) + row_offsets(*values.shape)[:, 0])[:, None]


# ---- how large the industry is ------------------------------------------------------------------------------
def market_in_sight(world: World) -> np.ndarray:
    """What labs and investors reckon with, USD bn a year (rows, 1): revenue, and part of what models could earn."""
    return world.customers.revenue + world.p.foresight * world.customers.potential


def industry_scale(world: World, elasticity: Value) -> np.ndarray:
    """What grows with the market in sight, relative to January 2025, for which parameters are stated: (rows, 1)."""
    size = np.maximum(market_in_sight(world), 1e-12) / world.start["reference_market_usd_bn"]
    return np.exp(elasticity * np.log(size))


# ---- the start file ----------------------------------------------------------------------------------------
@cache
def load_start(name: str) -> dict[str, Any]:
    """The start file `sim/data/starts/NAME.toml` as a dictionary. Unknown names raise FileNotFoundError."""
    return tomllib.loads((DATA / "starts" / f"{name}.toml").read_text(encoding="utf-8"))


def in_order(start: Mapping[str, Any], table: str, names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows of a table of a start file, in the order of these names."""
    by_name = {row["name"]: row for row in start[table]}
    return [by_name[name] for name in names]


def set_reach(world: World, rows: np.ndarray, slots: np.ndarray) -> None:
    """Work out which rules reach the labs in these slots (n,) of these rows (n,); at the start and when labs open."""
    home = world.served[:, None] == np.arange(len(NATIONS))
    nation = world.labs.nation[rows, slots]
    world.regulators.reach[rows, :, slots] = world.reach_by_nation.T[nation]
    world.regulators.is_home[rows, :, slots] = home.T[nation]
