"""A game between powers in sentences: what is stable and how surely, which game it is, on what that rests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.common.numbers import percent, plain, quantity
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES
from sim.report.words.levers import lever_in_words, lever_value
from sim.report.words.names import counted, inside, listed, opening, quoted
from sim.report.words.units import minus
from sim.studies.deciding.equilibria import Mixed
from sim.studies.deciding.game import Game, Profile, Round
from sim.studies.deciding.information import BOOTSTRAPS
from sim.studies.deciding.players import Player
from sim.studies.deciding.rests import HALF, NINE_TENTHS, AimRange, Part
from sim.studies.deciding.which_game import DIFFERENT, GAMES, MEANING

LIMITS = ("An equilibrium is of the policies that the file names and of the aims that it states: a wiser policy may "
          "not be among them, and other aims make another game. Shares of resamples say how far more futures of this "
          "model could change the answer, not how likely the model is right. A single future holds luck, which no "
          "player knows beforehand, so games scatter over futures also where the game on average is clear.")
NAMED = 3
WORTH_NAMING = 0.05  # a share of resamples below which a profile is not named as another that may be stable
_ARTICLE = {"harmony": "harmony", "deadlock": "deadlock", "chicken": "chicken", "another game": "another game"}


def amount(game: Game, number: float | np.ndarray, digits: int = 2) -> str:
    """A payoff or a gain with the unit of the aims: "$1.2bn a year", "3 points"."""
    number = float(f"{float(number):.{digits}g}")
    return minus(quantity(number + 0.0, game.design.unit, digits))


def between(game: Game, low: float | np.ndarray, high: float | np.ndarray) -> str:
    """An interval of payoffs beside one that has the unit: "1.4 to 2.7", "$1bn to $3bn"."""
    unit = game.design.unit
    after = unit.removeprefix("USD bn") if unit.startswith("USD") else f" {unit}"
    return " to ".join(amount(game, end).removesuffix(after) for end in (low, high))


def profile_in_words(game: Game, profile: Profile) -> str:
    """Who does what: "“Ease” for the US with “Tighten” for China"."""
    each = [f"{quoted(name)} for {player.called}"
            for player, name in zip(game.design.players, game.named(profile), strict=True)]
    return f"{each[0]} with {listed(each[1:])}"


def noun(game: Game) -> str:
    """What a profile is called: a pair of policies, or three."""
    return "pair of policies" if len(game.design.players) == 2 else "set of three policies"


def where(game: Game, value: float | None) -> str:
    """The value of what is varied, as a clause: "at a breach of a treaty seen of 0.6"; empty where nothing is."""
    if game.design.varied is None or value is None:
        return ""
    return f"with {inside(lever_in_words(game.design.varied.key))} at {lever_value(value)}"


# ---- the finding -----------------------------------------------------------------------------------------------------
def finding(game: Game) -> list[str]:
    """The answer in paragraphs: stable policies, the game and what turns it; aims; what is varied; price and basis."""
    met = game.told_first
    told = [[*stable(game, met), which(game, met), *rests(game)], aims(game), varied(game), [price(game), basis(game)]]
    return [" ".join(sentences) for sentences in told if sentences]


def stable(game: Game, met: Round) -> list[str]:
    """Which policies are stable against each other and how surely, or that none are."""
    at = where(game, met.value)
    start = f"By the stated aims{f', {at},' if at else ''}"
    if not met.equilibria:
        return [f"{start} no {noun(game)} is stable: from each, somebody gains by leaving. So it is in "
                f"{percent(met.none)} of the resamples.", _least(game, met),
                *(_mixed(game, each) for each in met.mixed),
                *([] if met.mixed or len(game.design.players) == 2 else [_correlated(game, met)])]
    first, others = met.answer, [each for each in met.equilibria if each != met.answer]
    share = float(met.stable[first])
    most = f"more than {amount(game, met.at_most[first])}" if met.at_most[first] > 0.0 else "anything"
    count = f"one {noun(game)} is" if not others else f"{len(met.equilibria)} {noun(game)}s are".replace(
        "pair of policiess", "pairs of policies").replace("set of three policiess", "sets of three policies")
    told = [f"{start} {count} stable: {profile_in_words(game, first)}"
            + (f"; and {_others(game, others)}" if others else "")
            + f". Nobody gains by leaving {'it' if not others else 'the first'} alone in {percent(share)} of the "
            f"resamples, and in 19 of 20 nobody gains {most}."]
    idle = [player.called for player in game.design.players if player.name in game.idle]
    if idle:
        told.append(f"What {listed(idle)} may do here moves nothing that it aims at, so all its policies tie."
                    if len(idle) == 1 else f"What {listed(idle)} may do here moves nothing that they aim at.")
    if share < HALF:
        told.append("That is not sure: in most resamples somebody gains a little by leaving.")
    rivals = sorted((each for each in np.ndindex(met.stable.shape)
                     if each not in met.equilibria and met.stable[each] >= WORTH_NAMING),
                    key=lambda each: -met.stable[each])[:NAMED]
    if rivals:
        told.append("It may also be " + listed([f"{profile_in_words(game, each)} ({percent(float(met.stable[each]))})"
                                                for each in rivals]) + ".")
    return told


def _others(game: Game, others: Sequence[Profile]) -> str:
    more = len(others) - NAMED
    named = [profile_in_words(game, each) for each in others[:NAMED]]
    return "; ".join([*named, f"{more} more"] if more > 0 else named)


def _least(game: Game, met: Round) -> str:
    gain = met.gains[met.answer]
    who = game.design.players[int(gain.argmax())]
    return (f"Least worth leaving is {profile_in_words(game, met.answer)}, where {who.called} gains "
            f"{amount(game, gain.max())} by leaving, and in 19 of 20 resamples nobody more than "
            f"{amount(game, met.at_most[met.answer])}.")


def _mixed(game: Game, mixed: Mixed) -> str:
    lots = []
    for player, chances in zip(game.design.players, mixed.probabilities, strict=True):
        played = [f"{quoted(name)} in {percent(float(chance))}"
                  for name, chance in zip(player.policies, chances, strict=True) if chance > 0.0]
        lots.append(f"{player.called} {listed(played)}")
    return (f"An equilibrium in drawn lots is {'; '.join(lots)}. It is fragile: each draws its lots only to make the "
            "other indifferent, and gains nothing by drawing them so.")


def _correlated(game: Game, met: Round) -> str:
    """What three players may have where nothing is stable: lots that a go-between draws for all of them."""
    told = "Lots that each of three players draws alone are not looked for."
    if met.correlated is None:
        return told
    chances = met.correlated.probabilities
    order = sorted(np.ndindex(chances.shape), key=lambda each: -chances[each])
    drawn = [f"{profile_in_words(game, each)} in {percent(float(chances[each]))}"
             for each in order if chances[each] > 0.0]
    more = len(drawn) - NAMED
    named = "; ".join([*drawn[:NAMED], *([f"and {more} more"] if more > 0 else [])])
    most = float(met.disobeying.max())
    bound = f"more than {amount(game, most)}" if most > 0.0 else "anything"
    return (f"{told} A go-between whom all believe could draw for them and tell each its own part alone (a correlated "
            f"equilibrium; of these the one that brings most together): {named}. By the means nobody gains by doing "
            f"otherwise, and in 19 of 20 resamples nobody gains {bound}.")


def which(game: Game, met: Round) -> str:
    """Which game it is between the two policies of each, on average and future by future."""
    ends = [f"{quoted(_policy(player, player.cooperates))} and {quoted(_policy(player, player.defects))}"
            for player in game.design.players[:2]]
    names = [f"{end} for {player.called}" for end, player in zip(ends, game.design.players, strict=False)]
    start = f"Between {ends[0]} of both" if len(set(ends)) == 1 else f"Between {' and '.join(names)}"
    if len(set(met.kinds)) == 1:
        kind = GAMES[met.kinds[0]]
        told = f"{start} it is {_a(kind)} for both on average: {MEANING[kind]}."
    else:
        each = [f"for {player.called} {_a(GAMES[kind])} ({MEANING[GAMES[kind]]})"
                for player, kind in zip(game.design.players, met.kinds, strict=False)]
        told = f"{start} the two play different games on average: {listed(each)}."
    share = met.kinds_resampled.get(met.game, 0.0)
    alone = listed([f"{_a(name) if name != DIFFERENT else name} in {percent(share)}"
                    for name, share in list(met.kinds_in_futures.items())[:NAMED]])
    return f"{told} So it is in {percent(share)} of the resamples; among single draws it is {alone}."


def _policy(player: Player, place: int) -> str:
    return list(player.policies)[place]


def _a(kind: str) -> str:
    return _ARTICLE.get(kind, f"a {kind}")


# ---- on what it rests ------------------------------------------------------------------------------------------------
def rests(game: Game) -> list[str]:
    """Which theories and assumed hazards turn the answer, and how far the aims may move."""
    answer = game.told_first.answer
    turning = [part for part in game.parts if part.answer != answer]
    told = []
    if not game.told_first.equilibria:
        told = [f"{opening(part_in_words(part))} {profile_in_words(game, part.answer)} is stable."
                for part in game.parts if part.answer is not None][:NAMED]
        told = told or (["Nothing is stable under any theory that is left open, nor in either half of what is assumed "
                         "of hazards."] if game.parts else [])
    elif turning:
        others = [f"{part_in_words(part)} " + ("nothing is stable" if part.answer is None else
                                               f"it is {profile_in_words(game, part.answer)}")
                  + f" (leaving the first one gains {amount(game, part.gain)} there)" for part in turning[:NAMED]]
        more = len(turning) - NAMED
        told.append(f"It rests on what is assumed: {'; '.join(others)}"
                    + (f"; and {more} more of {len(game.parts)} parts of the futures differ" if more > 0 else "") + ".")
    elif game.parts:
        told.append("It stands under every theory that is left open, and in both halves of what is assumed of hazards.")
    return told


def part_in_words(part: Part) -> str:
    """Among which futures: "where the theory of the hazard is “all labs”", "in the upper half of …"."""
    if part.name.startswith("structure."):
        return f"where the {inside(lever_in_words(part.name))} is “{part.choice.replace('_', ' ')}”"
    return f"in the {part.choice} of {inside(lever_in_words(part.name))}"


def aims(game: Game) -> list[str]:
    """How far the nearest weights may move before the stable policies are none, one at a time."""
    if not game.aims:
        return []
    near = sorted(game.aims, key=_room)
    bound = [each for each in near if _room(each) < np.inf]
    if not bound:
        return ["No weight of the aims alone can overturn that, from nothing to any size."]
    said = [f"{_called(game, each)}'s weight of {inside(OUTCOMES[each.outcome].summary_title)} "
            f"({minus(plain(each.weight))}) {_factor(each)}" for each in bound[:NAMED]]
    return [f"What is stable falls if {'; or '.join(said)}, with all else as stated."]


def _called(game: Game, each: AimRange) -> str:
    return next(player.called for player in game.design.players if player.name == each.player)


def _room(each: AimRange) -> float:
    """How near the closer of the two ends is, as a ratio."""
    below = np.inf if each.low <= 0.0 else 1.0 / each.low
    return float(min(below, each.high))


def _factor(each: AimRange) -> str:
    below = np.inf if each.low <= 0.0 else 1.0 / each.low
    return f"falls below {plain(each.low, 2)} times that" if below < each.high else (
        f"grows beyond {plain(each.high, 2)} times that")


# ---- what is varied, and the price ---------------------------------------------------------------------------------
def varied(game: Game) -> list[str]:
    """From which value on cooperation is an equilibrium, in half and in nine tenths of the resamples."""
    found, what = game.threshold, game.design.varied
    if found is None or what is None:
        return []
    shares = listed([percent(share) for share in found.shares])
    start = (f"With {inside(lever_in_words(what.key))} at {listed(list(map(lever_value, what.values)))}, cooperation "
             f"({profile_in_words(game, game.cooperation)}) is an equilibrium in {shares} of the resamples.")
    ends = [(share, value) for share, value in ((HALF, found.in_half), (NINE_TENTHS, found.in_nine_tenths))]
    if all(value is None for _, value in ends):
        return [f"{start} No value tried makes it one in half."]
    if found.in_nine_tenths is not None and min(found.shares) >= NINE_TENTHS:
        return [f"{start} It is one in nine tenths at every value tried."]
    if min(found.shares) >= HALF:
        start += " It is one in half of them at every value tried."
        ends = ends[1:]
        if found.in_nine_tenths is None:
            return [f"{start} At none it is one in nine tenths."]
    least = "smallest" if found.rises else "largest"
    told = [f"{'half' if share == HALF else 'nine tenths'}: {'none tried' if value is None else lever_value(value)}"
            for share, value in ends]
    steady = "" if found.steady else " The share does not go one way only."
    return [f"{start} The {least} value from which it is one in {'; in '.join(told)}.{steady}"]


def price(game: Game) -> str:
    """What the players together miss for want of an agreement."""
    met = game.told_first
    if met.best_together == met.answer:
        return "No other policies bring the players more together, so that nothing is missed for want of an agreement."
    what = "The stable policies bring" if met.equilibria else "The policies least worth leaving bring"
    doubt = "" if met.price.low > 0.0 else ", which is not clear of nil"
    return (f"Together the players would have most from {profile_in_words(game, met.best_together)}. {what} them "
            f"{amount(game, met.price.estimate)} less ({between(game, met.price.low, met.price.high)}{doubt}): the "
            "price of no agreement.")


def basis(game: Game) -> str:
    """The finding's runs, luck and beliefs."""
    failed = f" {counted(game.failed, 'future is', 'futures are')} left out, since a run failed." if game.failed else ""
    profiles = int(np.prod(game.design.shape))
    return (f"This rests on {counted(game.futures, 'future')} of {game.draws:,} draws, "
            f"{in_words(game.design.uncertainty)}, the same for all {profiles} profiles; {BOOTSTRAPS} resamples, "
            f"by draw.{failed}")


def aims_in_words(player: Player) -> Sequence[str]:
    """What a player weighs, each with weight, outcome and unit."""
    return [f"{minus(plain(weight))} times {inside(OUTCOMES[name].summary_title)} ({OUTCOMES[name].unit})"
            for name, weight in player.aims.weights.items()]
