"""The page on a game between powers: the answer, payoffs, what each would do, on what it rests, and what was varied."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES
from sim.report.charts.rows import Row, drawn_rows
from sim.report.pages.study import Figure, Section, Study
from sim.report.words import narrative
from sim.report.words.game import (
    LIMITS,
    aims_in_words,
    amount,
    between,
    finding,
    noun,
    part_in_words,
    price,
    profile_in_words,
    stable,
    varied,
    where,
    which,
)
from sim.report.words.levers import lever_in_words, lever_value
from sim.report.words.names import counted, inside, listed, opening, short
from sim.report.words.tables import Table
from sim.report.words.trust import all_set_beyond
from sim.report.words.units import minus
from sim.studies.deciding.equilibria import Mixed
from sim.studies.deciding.game import Game, Profile, Round
from sim.studies.deciding.rests import AimRange
from sim.studies.deciding.which_game import GAMES

SHOWN = 10


def told(game: Game, command: str = "") -> Study:
    """A game as it is told: on its page, in a notebook, and in a terminal."""
    design = game.design
    sections = [_stability(game), _payoffs(game), _replies(game), _which(game)]
    sections += [made for made in (_parts(game), _aims(game), _varied(game)) if made is not None]
    weighed = list(dict.fromkeys(name for player in design.players for name in player.aims.weights))
    against = sorted({inside(OUTCOMES[name].title) for player in design.players for name in player.aims.against})
    limits = [*all_set_beyond([design.scenario(point) for point in range(len(design.points))]),
              *narrative.cautions(weighed),
              *([f"Somebody weighs {listed(against)} the other way than it is usually taken to be better."]
                if against else []), LIMITS]
    who = opening(listed([player.called for player in design.players]))
    facts = (f"{who}, {counted(int(np.prod(design.shape)), 'profile')}"
             + (f" at {counted(len(design.values), 'value')} of {inside(lever_in_words(design.varied.key))}"
                if design.varied else "")
             + f", {counted(design.runs, 'future')} on the same luck, {design.months} months from {design.base.start}, "
             f"seed {design.seed}")
    rows = [(f"Aims of {player.called}", "; ".join(aims_in_words(player))) for player in design.players]
    return Study("game", opening(design.title), facts, finding(game),
                 " ".join(dict.fromkeys(limits)), sections, command,
                 [*rows, ("Payoffs in", design.unit), ("Base", design.base.title)])


def record(game: Game) -> dict[str, Any]:
    """The same for JSON."""
    design, names = game.design, [player.name for player in game.design.players]

    def named(profile: Profile) -> dict[str, str]:
        return dict(zip(names, game.named(profile), strict=True))

    def mixed(each: Mixed) -> dict[str, Any]:
        return {"probabilities": {player.name: dict(zip(player.policies, map(float, lots), strict=True))
                                  for player, lots in zip(design.players, each.probabilities, strict=True)},
                "payoffs": dict(zip(names, map(float, each.payoffs), strict=True))}

    def correlated(each: Round) -> dict[str, Any] | None:
        if each.correlated is None:
            return None
        chances = each.correlated.probabilities
        return {"profiles": [{**named(profile), "probability": float(chances[profile])}
                             for profile in np.ndindex(chances.shape) if chances[profile] > 0.0],
                "payoffs": dict(zip(names, map(float, each.correlated.payoffs), strict=True)),
                "gain_by_disobeying_at_most": dict(zip(names, map(float, each.disobeying), strict=True))}

    def one(each: Round) -> dict[str, Any]:
        profiles = [{**named(profile), "payoff": dict(zip(names, each.means[profile], strict=True)),
                     "low": dict(zip(names, each.low[profile], strict=True)),
                     "high": dict(zip(names, each.high[profile], strict=True)),
                     "over_cooperation": dict(zip(names, each.over[profile], strict=True)),
                     "over_low": dict(zip(names, each.over_low[profile], strict=True)),
                     "over_high": dict(zip(names, each.over_high[profile], strict=True)),
                     "best_reply": dict(zip(names, each.replies[profile], strict=True)),
                     "gain_by_leaving": dict(zip(names, each.gains[profile], strict=True)),
                     "gain_low": dict(zip(names, each.gains_low[profile], strict=True)),
                     "gain_high": dict(zip(names, each.gains_high[profile], strict=True)),
                     "leaves_for": leaves_for(game, each, profile), "outcomes": outcomes(game, each, profile),
                     "equilibrium": profile in each.equilibria, "stable": each.stable[profile],
                     "gain_at_most": each.at_most[profile]} for profile in np.ndindex(each.stable.shape)]
        return {"value": each.value, "equilibria": [named(profile) for profile in each.equilibria],
                "answer": named(each.answer), "stable": each.stable[each.answer], "none": each.none,
                "mixed": list(map(mixed, each.mixed)), "correlated": correlated(each), "game": each.game,
                "games": dict(zip(names, (GAMES[kind] for kind in each.kinds), strict=False)),
                "games_in_resamples": each.kinds_resampled, "games_in_draws": each.kinds_in_futures,
                "best_together": named(each.best_together),
                "price": dict(zip(("estimate", "low", "high"), map(float, each.price), strict=True)),
                "profiles": profiles}

    at = game.threshold
    return {
        "title": design.title, "finding": finding(game), "unit": design.unit, "runs": design.runs,
        "futures": game.futures, "draws": game.draws, "failed": game.failed, "months": design.months,
        "seed": design.seed, "uncertainty": design.uncertainty, "base": design.base.title,
        "players": [{"name": player.name, "aims": dict(player.aims.weights), "policies": list(player.policies),
                     "cooperates": list(player.policies)[player.cooperates],
                     "defects": list(player.policies)[player.defects]} for player in design.players],
        "varied": None if design.varied is None else {"lever": design.varied.key, "values": list(design.varied.values)},
        "told_first": game.main, "rounds": [one(each) for each in game.rounds],
        "threshold": None if at is None else {"shares": list(at.shares), "rises": at.rises, "steady": at.steady,
                                              "half": at.in_half, "nine_tenths": at.in_nine_tenths},
        "rests_on": [{"name": part.name, "choice": part.choice, "futures": part.futures,
                      "answer": None if part.answer is None else named(part.answer), "stable": part.stable,
                      "gain": part.gain} for part in game.parts],
        "aims_that_stand": [{"player": each.player, "outcome": each.outcome, "weight": each.weight, "low": each.low,
                             "high": each.high} for each in game.aims]}


def leaves_for(game: Game, met: Round, profile: Profile) -> dict[str, str | None]:
    """The policy that each player would take instead of its own, by name; None where it gains nothing."""
    return {player.name: list(player.policies)[met.leaves_for[profile][who]] if met.gains[profile][who] > 0.0 else None
            for who, player in enumerate(game.design.players)}


def outcomes(game: Game, met: Round, profile: Profile) -> dict[str, dict[str, float]]:
    """Each outcome that somebody weighs, at a profile: the mean, its 95% interval, and what eight of ten futures span.
    """
    parts = (met.reached, met.reached_low, met.reached_high, met.spread[0], met.spread[1])
    return {name: {key: float(part[profile][place]) for key, part in zip(("mean", "low", "high", "tenth", "ninetieth"),
                                                                         parts, strict=True)}
            for place, name in enumerate(game.design.outcomes)}


# ---- sections ------------------------------------------------------------------------------------------------------
def _stability(game: Game) -> Section:
    met = game.told_first
    order = sorted(np.ndindex(met.stable.shape), key=lambda each: (-met.stable[each], met.at_most[each]))
    shown = [profile for profile in order[:SHOWN] if met.stable[profile] > 0.0] or order[:3]
    rows = [Row(" / ".join(game.named(profile)), percent(float(met.stable[profile])), float(met.stable[profile]),
                float(met.stable[profile]), float(met.stable[profile]), bar=True, clear=profile in met.equilibria,
                role=0 if profile == met.answer else 1) for profile in shown]
    table = Table("Each profile: the share of resamples in which it is an equilibrium, and what leaving it brings",
                  (*(opening(player.called) for player in game.design.players), "An equilibrium in",
                   "Gain by leaving", "At most, in 19 of 20"),
                  [[*map(short, game.named(profile)), percent(float(met.stable[profile])),
                    amount(game, met.gains[profile].max()), amount(game, met.at_most[profile])] for profile in order])
    svg = drawn_rows(rows, "share of resamples in which nobody gains by leaving", percent, "stable", "Stable policies")
    return Section("stable", "What is stable", " ".join(stable(game, met)),
                   [Figure("How surely each is an equilibrium", "filled: an equilibrium of the means", svg)],
                   folded=[table],
                   notes=["Nobody gains by changing its own policy alone: that is what an equilibrium is. Ties count "
                          "as no gain."])


def _payoffs(game: Game) -> Section:
    met, players = game.told_first, game.design.players
    tables = [_matrix(game, met, who, relative=True) for who in range(len(players))]
    folded = [_matrix(game, met, who, relative=False) for who in range(len(players))]
    return Section("payoffs", "What each has of it", price(game), tables=tables, folded=folded,
                   notes=[f"Less what each has where all cooperate ({profile_in_words(game, game.cooperation)}), on "
                          "the same luck, with 95% intervals; bold: the stable policies, or those least worth leaving. "
                          "Payoffs themselves stand behind the fold: their intervals hold what nobody can choose."])


def _matrix(game: Game, met: Round, who: int, relative: bool) -> Table:
    """One player's payoffs: the first player's policies down, those of the others across."""
    players = game.design.players
    across = list(np.ndindex(met.stable.shape[1:]))
    value, low, high = (met.over, met.over_low, met.over_high) if relative else (met.means, met.low, met.high)

    def cell(profile: Profile) -> str:
        if relative and profile == game.cooperation:
            return "0"
        if relative:
            return f"{amount(game, value[profile][who])}\n{between(game, low[profile][who], high[profile][who])}"
        mean, *ends = (minus(plain(float(each[profile][who]), 5)) for each in (value, low, high))
        return f"{mean}\n{' to '.join(ends)}"

    rows = [[short(name), *(cell((down, *others)) for others in across)]
            for down, name in enumerate(players[0].policies)]
    others = [" / ".join(list(player.policies)[place] for player, place in zip(players[1:], each, strict=True))
              for each in across]
    what = "less that of cooperation" if relative else f"by the stated aims, {game.design.unit}"
    strong = frozenset({(met.answer[0], 1 + across.index(met.answer[1:]))})
    return Table(f"{opening(players[who].called)}: payoff {what}, and its 95% interval",
                 (f"{opening(players[0].called)} (down), {listed([p.called for p in players[1:]])} (across)",
                  *map(short, others)), rows, strong)


def _replies(game: Game) -> Section:
    met, players = game.told_first, game.design.players
    tables = []
    for who, player in enumerate(players):
        rest = [place for place in range(len(players)) if place != who]
        rows = []
        for others in np.ndindex(tuple(met.stable.shape[place] for place in rest)):
            at: list[Any] = list(np.insert(np.array(others), who, 0))
            against = " / ".join(list(players[place].policies)[at[place]] for place in rest)
            cells = []
            for own in range(len(player.policies)):
                at[who] = own
                cells.append(percent(float(met.replies[tuple(at)][who])))
            rows.append([short(against), *cells])
        tables.append(Table(f"{opening(player.called)}: share of resamples in which each policy is its best reply",
                            (f"If {listed([players[place].called for place in rest])} plays",
                             *map(short, player.policies)), rows))
    return Section("replies", "What each would do", "How surely each policy is the best reply to what the others do.",
                   tables=tables, notes=["A row adds up to more than 100% where policies tie to the last bit."])


def _which(game: Game) -> Section:
    met = game.told_first
    names = list(dict.fromkeys([*met.kinds_resampled, *met.kinds_in_futures]))
    table = Table("Which game it is between the two policies of each",
                  ("Game", "Resamples of the mean", "Draws one by one"),
                  [[opening(name), percent(met.kinds_resampled.get(name, 0.0)),
                    percent(met.kinds_in_futures.get(name, 0.0))] for name in names])
    return Section("which", "Which game it is", which(game, met), tables=[table],
                   notes=["The mean is what players face who do not know the future. A single draw, two runs that "
                          "share parameters, holds their luck."])


def _parts(game: Game) -> Section | None:
    if not game.parts:
        return None
    answer = game.told_first.answer
    rows = [[opening(part_in_words(part)), f"{part.futures:,}",
             "nothing" if part.answer is None else " / ".join(game.named(part.answer)), percent(part.stable),
             amount(game, part.gain)] for part in game.parts]
    same = sum(part.answer == answer for part in game.parts)
    table = Table("The game by what is assumed", ("Futures", "Number", "Stable there", "The answer stands in",
                                                  "Gain by leaving it there"), rows)
    return Section("rests", "On what it rests", f"The answer is the same in {same} of {len(game.parts)} parts of the "
                   "futures.", tables=[table], notes=["Parts hold fewer futures than the whole, so that some differ by "
                                                      "luck: the last two columns say by how little."])


def _aims(game: Game) -> Section | None:
    if not game.aims:
        return None
    rows = [[opening(next(p.called for p in game.design.players if p.name == each.player)),
             OUTCOMES[each.outcome].summary_title, minus(plain(each.weight)),
             "nil" if each.low <= 0.0 else _moved(each, each.low),
             "any" if each.high == np.inf else _moved(each, each.high)]
            for each in game.aims]
    table = Table("Each weight, and how far it may move alone", ("Player", "Outcome", "Weight", "Down to", "Up to"),
                  rows)
    return Section("aims", "Aims for which it stands", "How far each weight may move alone with the answer still an "
                   "equilibrium of the means.", tables=[table])


def _moved(each: AimRange, factor: float) -> str:
    return f"{minus(plain(each.weight * factor, 2))} ({plain(factor, 2)} times)"


def _varied(game: Game) -> Section | None:
    if game.design.varied is None or game.threshold is None:
        return None
    rows = [[lever_value(each.value), " / ".join(game.named(each.answer)) if each.equilibria else "nothing",
             percent(float(each.stable[each.answer])), percent(share), opening(each.game),
             amount(game, each.price.estimate)]
            for each, share in zip(game.rounds, game.threshold.shares, strict=True)]
    table = Table("The game at each value", (opening(inside(lever_in_words(game.design.varied.key))), "Stable",
                                             "An equilibrium in", "Cooperation is one in", "Game on average",
                                             "Price of no agreement"), rows)
    marks = [Row(lever_value(each.value), percent(share), share, share, share, bar=True, clear=share >= 0.5)
             for each, share in zip(game.rounds, game.threshold.shares, strict=True)]
    svg = drawn_rows(marks, "share of resamples", percent, "varied", "Cooperation by what is varied")
    heading, lead = f"What {inside(lever_in_words(game.design.varied.key))} changes", " ".join(varied(game))
    if not any(game.threshold.shares):  # nothing to draw
        return Section("varied", heading, lead, tables=[table])
    note = "share of resamples; filled: in half of them or more"
    return Section("varied", heading, lead, [Figure("Cooperation as an equilibrium", note, svg, table)])


def text(game: Game) -> list[Table]:
    """Tables for a terminal: what is stable, and at each value of what is varied."""
    met = game.told_first
    order = sorted(np.ndindex(met.stable.shape), key=lambda each: (-met.stable[each], met.at_most[each]))[:SHOWN]
    head = [*(player.name for player in game.design.players), *(f"{player.name} has" for player in game.design.players),
            "stable in", "gain at most"]
    rows = [[*(short(name, 24) for name in game.named(profile)),
             *(amount(game, met.over[profile][who]) for who in range(len(game.design.players))),
             percent(float(met.stable[profile])), amount(game, met.at_most[profile])] for profile in order]
    at = where(game, met.value)
    what = noun(game).replace("pair", "pairs").replace("set", "sets")
    made = [Table(f"The first {len(order)} of {met.stable.size} {what}{f', {at}' if at else ''}; payoffs over those of "
                  "cooperation", head, rows, prose=True)]
    if game.design.varied is not None and game.threshold is not None:
        made.append(Table(f"By {inside(lever_in_words(game.design.varied.key))}",
                     ["value", "stable", "in", "cooperation in", "game"],
                     [[lever_value(each.value),
                       " / ".join(short(name, 24) for name in game.named(each.answer)) if each.equilibria else (
                           "nothing"), percent(float(each.stable[each.answer])), percent(share), each.game]
                      for each, share in zip(game.rounds, game.threshold.shares, strict=True)], prose=True))
    return made
