"""The world of one batch: everything that a month's rules read and write, and how they look across kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.events import EventLog
from sim.model.luck import Luck
from sim.model.outcomes import OUTCOMES
from sim.model.start_files import in_order
from sim.model.state import NATIONS, PURPOSES, REGULATORS, Table, tables_of

if TYPE_CHECKING:
    from sim.model.given import Settings
    from sim.model.naming import Names
    from sim.model.policies import Plans

Value = Any  # a parameter: a float when all rows agree, else an array (rows, 1)


class World:
    """Everything that a month's rules read and write; one row per run.

    `state` (rows,) holds each run's record (`sim/model/state.py`); the tables `labs`, `founders`, `regulators`,
    `nations`, `capital`, `chips`, `customers`, `docket`, `foundings`, `triggers`, `announced`, `now` and `past` are
    views of it. `p` holds parameters and `policy` levers by name (`world.p.algorithm_growth`,
    `world.policy.regulation.strictness`), as they are at the start: a plain float when every row agrees, else an
    array (rows, 1), or (rows, regulators) where jurisdictions may differ. What policy is by now stands in
    `settings`. `called` says what labs and founders are called in all that is told.

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
    foundings: Table
    triggers: Table
    announced: Table
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
        plans: Plans,
        called: Names,
    ) -> None:
        self.state, self.start, self.months, self.luck = state, start, months, luck
        self.p, self.policy, self.dated_events, self.plans, self.called = p, policy, dated_events, plans, called
        self.rows, self.month = len(state), 0
        self._tables = tables_of(state)
        vars(self).update(self._tables)
        self.log = EventLog()
        # What triggers look back on, where there are any: outcomes by month.
        self.seen = np.empty((self.rows, months if len(plans.triggers) else 0, len(OUTCOMES)))
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
        from sim.model.given import settings_of

        return settings_of(self)

    def live(self, stage: Callable[[np.ndarray, Settings], None]) -> None:
        """Let a compiled stage of one's own pass in every run, and keep what it tells."""
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
