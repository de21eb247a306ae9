"""Which single draw of luck decided an event: so that the run can be replayed without that event.

An event comes about when a number of one of its channels falls on one side of a chance. `DECIDERS` says which channels
and slots those are for each kind of event, and which number lies on the other side of any chance. It is a list of
suspects: whether a draw did decide an event is seen in the replay, in which the event must be gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.live import live_one_month
from sim.engine.uncertainty import believed
from sim.model.channels import slots_of
from sim.model.events import KINDS
from sim.model.luck import Draw, Luck
from sim.model.start import build_world
from sim.model.state import NOBODY
from sim.studies.comparing.histories import History

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

NEVER = 1.0 - 2.0**-53  # above every chance below one: what happens if the number is small does not
ALWAYS = 0.0  # below every chance: what happens if the number is large does not
HOLD = 0.5  # between the chances of a step up and of an easing, which begin at either end, if neither is above a half
MOST_SUSPECTS = 6  # draws tried for one event


@dataclass(frozen=True)
class Record:
    """One run, what was drawn in it, and whom slots of suits and founders stood for, month by month.

    `history` holds its events; `luck` has its numbers; `homes` (months + 1, founders) is the lab of each founder before
    the first month and after each; `defendants` (months, suits) the lab sued in each slot of the
    docket, NOBODY where no suit was pending before or after the month.
    """

    run: int
    history: History
    luck: Luck
    homes: np.ndarray
    defendants: np.ndarray


def record(scenarios: Sequence[Scenario], run: int, seed: int, months: int, uncertainty: str) -> list[Record]:
    """Live through one run of each scenario again and keep what was drawn and what happened."""
    rows = np.arange(len(scenarios))
    runs = np.full(len(scenarios), run)
    with np.errstate(all="ignore"):
        world = build_world(scenarios, rows, runs, seed, months=months, believed=believed(uncertainty, seed, runs))
        homes, defendants = [world.founders.home.copy()], []
        for month in range(months):
            world.month = month
            pending = world.docket.active.copy()
            live_one_month(world)
            homes.append(world.founders.home.copy())
            defendants.append(np.where(pending | world.docket.active, world.docket.defendant, NOBODY))
    columns = world.log.arrays()
    of_row = [{name: column[columns["row"] == row] for name, column in columns.items()} for row in rows]
    return [
        Record(run, History.of(of_row[row], world.called), Luck(seed, runs[:1]), np.array(homes)[:, row],
               np.array(defendants)[:, row])
        for row in rows
    ]


# ---- whom a slot stands for ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Happening:
    """When and to whom an event happened, in slots."""

    month: int
    actor: int
    target: int


Slots = Callable[[Record, Happening], Sequence[int]]


def _actor(_: Record, event: Happening) -> Sequence[int]:
    return (event.actor,)


def _target(_: Record, event: Happening) -> Sequence[int]:
    return (event.target,)


def _one_of(*slots: int) -> Slots:
    return lambda _, __: slots


def _founders(recorded: Record, event: Happening) -> Sequence[int]:
    """Founders at the acting lab when the month began."""
    return tuple(np.flatnonzero(recorded.homes[event.month] == event.actor).tolist())


def _suits(recorded: Record, event: Happening) -> Sequence[int]:
    """Slots of the docket that name the lab sued."""
    return tuple(np.flatnonzero(recorded.defendants[event.month] == event.target).tolist())


def _easing(_: Record, event: Happening) -> Sequence[int]:
    """Where the channel of export controls keeps the actor's chance to ease them."""
    return (event.actor + 2,)


def _on_metals(_: Record, event: Happening) -> Sequence[int]:
    """Where the channel of powers' choices keeps the actor's on metals."""
    return (event.actor + 2,)


def _on_imports(_: Record, event: Happening) -> Sequence[int]:
    """Where the channel of powers' choices keeps the actor's on chips to buy."""
    return (event.actor + 4,)


Months = Callable[[Record, Happening], Sequence[int]]


def _now(_: Record, event: Happening) -> Sequence[int]:
    return (event.month,)


def _in_four_years(_: Record, event: Happening) -> Sequence[int]:
    return range(max(0, event.month - 48), event.month + 1)


def _since(*kinds: str, of: str, as_: str) -> Months:
    """Months, up to that of the event, of events of these kinds whose `of` is the event's `as_` (actor or target)."""

    def months(recorded: Record, event: Happening) -> Sequence[int]:
        told = recorded.history
        of_kind = np.isin(told.kinds, [KINDS.index(kind) for kind in kinds])
        about = getattr(told, f"{of}s") == getattr(event, as_)
        earlier = told.months[of_kind & about & (told.months <= event.month)]
        return tuple(dict.fromkeys(earlier[::-1].tolist()))

    return months


@dataclass(frozen=True)
class Decider:
    """A channel whose number may have decided an event: in which slots and months, and which number prevents it."""

    channel: str
    slots: Slots
    away: float = NEVER
    months: Months = _now


_FILED = _since("suit_rivalry", "suit_mission", "suit_copyright", of="target", as_="target")
_ASKED = _since("review_opened", of="actor", as_="actor")
_PROVOKED = _since("export_control", of="actor", as_="target")
_BROUGHT_IN = _since("bill", of="actor", as_="actor")


def _choice(slots: Slots, other_end: float) -> tuple[Decider, Decider]:
    """A power's choice to step up or to ease: it holds, or, where the choice was likelier than not, does the other."""
    return Decider("nations.choices", slots, HOLD), Decider("nations.choices", slots, other_end)


_BY_LAW = Decider("regulators.votes", _actor, ALWAYS), Decider("regulators.bills", _actor, NEVER, _BROUGHT_IN)
DECIDERS: dict[str, tuple[Decider, ...]] = {
    "release": (Decider("labs.run_ends", _actor),),
    "round": (Decider("capital.rounds", _actor),),
    "patron": (Decider("capital.patrons", _target),),
    "hundred_billion": (Decider("capital.rounds", _actor),),
    "bust": (Decider("capital.bust", _one_of(0)),),
    "departure": (Decider("founders.departures", _actor),),
    "spin_off": (Decider("founders.spin_offs", _actor),),
    "joins": (Decider("founders.joins", _actor),),
    "entry": (Decider("control.entry", _one_of(0)),),
    "closure": (Decider("control.rescue", _one_of(0), ALWAYS),),
    "acquisition": (Decider("control.hires", _target), Decider("control.rescue", _one_of(0))),
    "takeover_bid": (Decider("control.bids", _founders),),
    "takeover": (Decider("control.bids", _founders),),
    "media_attack": (Decider("founders.attacks", _actor),),
    "defence_contract": (Decider("labs.defence", _actor),),
    "review_opened": (Decider("courts.review_opened", _actor),),
    "conversion": (Decider("courts.review", _actor, ALWAYS), Decider("courts.review_opened", _actor, NEVER, _ASKED)),
    "capped_profit": (Decider("courts.review_opened", _actor, NEVER, _in_four_years),),
    "conversion_refused": (Decider("courts.review", _actor),),
    "suit_rivalry": (Decider("courts.filing", _founders),),
    "suit_mission": (Decider("courts.filing", _founders),),
    "suit_copyright": (Decider("courts.copyright", _target),),
    "ally": (Decider("courts.allies", _suits),),
    "injunction": (Decider("courts.injunction", _suits),),
    "injunction_denied": (Decider("courts.injunction", _suits, ALWAYS),),
    "dismissal": (Decider("courts.merit", _suits, NEVER, _FILED),),
    "settlement": (Decider("courts.settlement", _suits, ALWAYS), Decider("courts.pace", _suits)),
    "verdict_plaintiff": (Decider("courts.pace", _suits),),
    "verdict_defendant": (Decider("courts.pace", _suits),),
    "bill": (Decider("regulators.bills", _actor),),
    "bill_fails": (Decider("regulators.votes", _actor), Decider("regulators.bills", _actor, NEVER, _BROUGHT_IN)),
    "rules_tightened": _BY_LAW,
    "rules_eased": _BY_LAW,
    "licence": (Decider("regulators.licences", _one_of(0, 1, 2, 3, 4)),),
    "fine": (Decider("regulators.audits", _actor),),
    "severe_incident": (Decider("customers.severe_incident", _one_of(0)),),
    "export_control": (*_choice(_actor, NEVER), Decider("nations.controls", _actor)),
    "controls_eased": (*_choice(_actor, ALWAYS), Decider("nations.controls", _easing)),
    "mineral_ban": (Decider("nations.choices", _on_metals, NEVER),
                    Decider("nations.retaliation", _actor, NEVER, _PROVOKED)),
    "bans_eased": _choice(_on_metals, ALWAYS),
    "imports_refused": _choice(_on_imports, NEVER),
    "imports_readmitted": _choice(_on_imports, ALWAYS),
    "truce_ends": (Decider("nations.truce", _one_of(0), ALWAYS),),
    "truce": (Decider("nations.truce", _one_of(0)),),
    "treaty": (Decider("nations.treaty", _one_of(0)),),
    "treaty_ends": (Decider("nations.treaty", _one_of(1, 2, 3)),),
}
"""By kind of event; what a scenario dates is decided by the scenario."""


def suspects(recorded: Record, position: int) -> list[tuple[Draw, float, float]]:
    """The draws that may have decided an event of a run, likeliest first: (draw, its number, what prevents the event).

    At most `MOST_SUSPECTS`.
    """
    told = recorded.history
    columns = (told.months, told.actors, told.targets)
    event = Happening(*(int(column[position]) for column in columns))
    found: list[tuple[int, float, Draw, float, float]] = []
    for rank, decider in enumerate(DECIDERS.get(told.kind(position), ())):
        for month in decider.months(recorded, event):
            recorded.luck.month = month
            numbers = recorded.luck.uniform(decider.channel, slots_of(decider.channel))[0]
            for slot in decider.slots(recorded, event):
                if 0 <= slot < len(numbers):
                    number = float(numbers[slot])
                    # The further a number is from what prevents the event, the likelier it brought it about.
                    distance = abs(number - decider.away)
                    draw = (decider.channel, recorded.run, month, slot)
                    found.append((rank, -distance, draw, number, decider.away))
    found.sort(key=lambda suspect: suspect[:3])
    return [(draw, number, away) for _, _, draw, number, away in found[:MOST_SUSPECTS]]
