"""Whether changed draws name any that the runs make.

A draw that is changed and never drawn would change nothing, and it would look as if luck did not matter there; so a
channel, run, month or slot that does not exist is refused before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.common.arguments import ArgumentError, number, shown, unknown_name, whole
from sim.model.channels import CHANNELS, slots_of

if TYPE_CHECKING:
    from sim.model.luck import Changes
    from sim.scenario.scenario import Scenario

_OF_BELIEFS = ("posterior.draw", "prior.", "parameters.")
"""Beginnings of channels by which parameters are drawn, once for runs that share a draw, whatever is changed."""


def check_changes(
    changed: Any, scenarios: Sequence[Scenario], runs: range, months: int, own_rules: bool
) -> Changes | tuple[Changes, ...] | None:
    """The changed draws of `simulate`, if each names a draw that these runs make: for all scenarios, or one by one.

    With rules of one's own, channels of other names are theirs. Raises ValueError, TypeError.
    """
    if changed is None:
        return None
    if isinstance(changed, Mapping):
        return dict(_checked("changed", changed, runs, months, own_rules))
    if not isinstance(changed, Sequence) or isinstance(changed, str | bytes):
        raise TypeError("changed must be {(channel, run, month, slot): number}, or a list of such, one for each "
                        f"scenario, not {shown(changed)}")
    if len(changed) != len(scenarios):
        raise ArgumentError(
            f"{len(changed)} mappings of changed draws for {len(scenarios)} scenarios: give one for each"
        )
    return tuple(
        dict(_checked(f"changed[{place}]", draws, runs, months, own_rules)) for place, draws in enumerate(changed)
    )


def _checked(
    name: str, draws: Any, runs: range, months: int, own_rules: bool
) -> Iterator[tuple[tuple[str, int, int, int], float]]:
    if not isinstance(draws, Mapping):
        raise TypeError(f"{name} must be {{(channel, run, month, slot): number}}, not {shown(draws)}")
    for draw, value in draws.items():
        if not isinstance(draw, tuple) or len(draw) != 4:
            raise ArgumentError(f"{name}: a draw is (channel, run, month, slot), not {shown(draw)}")
        channel, run, month, slot = draw
        where = f"{name}: of {shown(draw)}, the"
        slots, last = _extent(name, channel, months, own_rules)
        yield (
            (
                channel,
                whole(runs[0], runs[-1])(f"{where} run", run),
                whole(0, last)(f"{where} month", month),
                whole(0, None if slots is None else slots - 1)(f"{where} slot", slot),
            ),
            number(0.0, below=1.0)(f"{where} number", value),
        )


def _extent(name: str, channel: Any, months: int, own_rules: bool) -> tuple[int | None, int]:
    """How many slots a channel has, None where a rule of one's own decides, and the last month in which it is drawn."""
    if isinstance(channel, str) and not channel.startswith(_OF_BELIEFS):
        if channel in CHANNELS:
            return slots_of(channel), months - 1
        if own_rules:
            return None, months - 1
    raise ArgumentError(f"{name}: {unknown_name('channel of luck', channel, CHANNELS, '`airace list channels`')}")
