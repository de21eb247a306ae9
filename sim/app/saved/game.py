"""A game between powers as the cockpit shows it: payoffs, who would leave, how surely each profile is an equilibrium.

Numbers are those of the game's page and of its JSON (`sim/report/pages/game.py`), said by the same functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.app.saved.detail import choice, detail, opens
from sim.app.saved.link import link
from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES
from sim.report.pages.game import leaves_for, outcomes, told
from sim.report.words.game import amount, between, profile_in_words
from sim.report.words.levers import lever_in_words, lever_value
from sim.report.words.names import counted, inside, opening, quoted
from sim.report.words.tables import Table
from sim.report.words.units import heading, minus, value
from sim.studies.deciding.game import Game, Profile, Round

MOST_LINES = 4
"""Profiles whose path is drawn: those that are an equilibrium in the most resamples at some value."""


def shown(game: Game) -> dict[str, Any]:
    """All that the page shows of a game."""
    study, design = told(game), game.design
    profiles = list(np.ndindex(game.told_first.stable.shape))
    varied = design.varied
    return {"title": study.title, "facts": study.facts, "claims": list(study.claims), "limits": study.limits,
            "varied": "" if varied is None else opening(inside(lever_in_words(varied.key))),
            "values": [] if varied is None else list(map(lever_value, varied.values)), "first": game.main,
            "table": _head(game), "profiles": [" / ".join(game.named(profile)) for profile in profiles],
            "rounds": [_round(game, place, each, profiles) for place, each in enumerate(game.rounds)],
            "path": _path(game, profiles)}


def _head(game: Game) -> dict[str, Any]:
    """The payoff table's caption, its columns (policies of all but the first player), and its rows' names."""
    players = game.design.players
    others = np.ndindex(game.told_first.stable.shape[1:])
    columns = [" / ".join(list(player.policies)[place] for player, place in zip(players[1:], each, strict=True))
               for each in others]
    across = " and ".join(player.called for player in players[1:])
    caption = (f"Payoffs over those of cooperation, {game.design.unit}, with 95% intervals; {players[0].called} down, "
               f"{across} across. Choose a cell for all of it")
    return {"caption": caption, "corner": f"{opening(players[0].called)} (down), {across} (across)",
            "columns": columns, "rows": list(players[0].policies)}


def _path(game: Game, profiles: list[Profile]) -> dict[str, Any]:
    """The share of resamples in which profiles are an equilibrium, value by value; the first of `order` are drawn."""
    shares = np.array([[float(each.stable[profile]) for each in game.rounds] for profile in profiles])
    order = sorted(range(len(profiles)), key=lambda place: (-shares[place].max(), place))
    drawn = [place for place in order if shares[place].max() > 0.0][:MOST_LINES]
    return {"shares": shares.tolist(), "texts": [[percent(share) for share in row] for row in shares.tolist()],
            "none": [percent(each.none) for each in game.rounds],
            "order": [place for place in order if shares[place].max() > 0.0], "drawn": drawn}


def _round(game: Game, number: int, met: Round, profiles: list[Profile]) -> dict[str, Any]:
    return {"cells": [_cell(game, met, profile) for profile in profiles],
            "details": [_detail(game, number, met, profile, profiles) for profile in profiles]}


def _cell(game: Game, met: Round, profile: Profile) -> dict[str, Any]:
    """A cell: what each player has over cooperation, how surely it is an equilibrium, and whether it is the answer."""
    lines = []
    for who, player in enumerate(game.design.players):
        has = "0" if profile == game.cooperation else (
            f"{amount(game, met.over[profile][who])} "
            f"({between(game, met.over_low[profile][who], met.over_high[profile][who])})")
        lines.append([player.name, has])
    share = float(met.stable[profile])
    return {"lines": lines, "share": share, "stable": percent(share), "equilibrium": profile in met.equilibria,
            "answer": profile == met.answer}


# ---- one profile -----------------------------------------------------------------------------------------------------
def _detail(game: Game, number: int, met: Round, profile: Profile, profiles: list[Profile]) -> dict[str, Any]:
    says = [f"{opening(profile_in_words(game, profile))}.", _stands(game, met, profile)]
    order = sorted(profiles, key=lambda each: (-float(met.stable[each]), float(met.at_most[each])))
    others = [choice(profiles.index(each), f"{' / '.join(game.named(each))}: an equilibrium in "
                     f"{percent(float(met.stable[each]))}, gain by leaving {amount(game, met.gains[each].max())}")
              for each in order if each != profile][:2]
    return detail(" / ".join(game.named(profile)), says, [_players(game, met, profile), _outcomes(game, met, profile)],
                  "The surest of the others", others, _link(game, number, profile, profiles))


def _stands(game: Game, met: Round, profile: Profile) -> str:
    """Whether it is an equilibrium, and who would leave it for what."""
    share = percent(float(met.stable[profile]))
    leaves = leaves_for(game, met, profile)
    who = [f"{player.called} gains {amount(game, met.gains[profile][place])} by taking "
           f"{quoted(leaves[player.name])}" for place, player in enumerate(game.design.players) if leaves[player.name]]
    told = f"An equilibrium in {share} of the resamples. " + (
        "Nobody gains by leaving it alone." if not who else f"{opening('; '.join(who))}.")
    most = f"more than {amount(game, met.at_most[profile])}" if met.at_most[profile] > 0.0 else "anything"
    return f"{told} In 19 of 20 resamples nobody gains {most}."


def _players(game: Game, met: Round, profile: Profile) -> Table:
    leaves, rows = leaves_for(game, met, profile), []
    for who, player in enumerate(game.design.players):
        low, high = (minus(plain(float(each[profile][who]), 5)) for each in (met.low, met.high))
        gains = "nothing" if leaves[player.name] is None else (
            f"{amount(game, met.gains[profile][who])} by “{leaves[player.name]}”")
        span = between(game, met.gains_low[profile][who], met.gains_high[profile][who])
        rows.append([opening(player.called), f"{minus(plain(float(met.means[profile][who]), 5))} ({low} to {high})",
                     gains, span if met.gains_high[profile][who] > 0.0 else "nothing",
                     percent(float(met.replies[profile][who]))])
    return Table(f"Each player, by the aims of the file, {game.design.unit}; 95% intervals over resamples of futures",
                 ("Player", "Payoff", "Gains by leaving", "That, in 95% of resamples", "Best reply in"), rows)


def _outcomes(game: Game, met: Round, profile: Profile) -> Table:
    rows = []
    for name, found in outcomes(game, met, profile).items():
        outcome = OUTCOMES[name]
        mean, low, high, tenth, ninetieth = (value(outcome, found[key]) for key in ("mean", "low", "high", "tenth",
                                                                                    "ninetieth"))
        rows.append([heading(outcome), f"{mean} ({low} to {high})", f"{tenth} to {ninetieth}"])
    return Table("What comes of it: outcomes that somebody weighs",
                 ("Outcome", "Mean, with its 95% interval", "In eight of ten futures"), rows)


def _link(game: Game, number: int, profile: Profile, profiles: list[Profile]) -> dict[str, Any]:
    design = game.design
    here, together = (design.scenario(number * len(profiles) + profiles.index(each))
                      for each in (profile, game.cooperation))
    is_together = profile == game.cooperation
    found = link(here, design.at(design.values[number]) if is_together else together, design.seed)
    return opens(found, "the base" if is_together else "the profile in which all cooperate",
                 f"{counted(game.futures, 'future')}, of {counted(design.months, 'month')}")
