"""What is believed about parameters: their defaults, their plausible ranges, or what the record leaves of these.

Under `luck` every parameter has its default. Under `prior` each uncertain one is drawn from its range; under
`posterior` from the draws that calibration left (`sim/data/posterior.csv`). A draw is a number, from which all
parameters follow jointly, each by luck of its own name. There is a posterior for each origin of the hindcasts, as in
`posterior:2018-12`, which knows figures to that month alone; `posterior` is the latest. Two consecutive runs share a
draw, so that what luck does can be told from what is not known.

Everything that simulates takes one of these settings and has the same default, and whatever it shows says in the same
words which it was: run 17 of seed 0 is one history under each setting, and another under the next. NumPy is loaded
where values are drawn, since commands that draw none show the settings too.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sim.common.arguments import choice
from sim.common.language import gettext, noted
from sim.model.parameters import DATA, Parameter, parameters

if TYPE_CHECKING:
    import numpy as np

    from sim.model.luck import Luck
    from sim.scenario.scenario import Scenario

WORDS = {
    "luck": noted("parameters at their defaults"),
    "prior": noted("parameters drawn from their ranges"),
    "posterior": noted("parameters drawn as the record leaves them"),
}
"""Each setting in words."""
DEFAULT = "posterior"
POSTERIORS = DATA / "posterior.csv"
CALIBRATION = DATA / "posterior.toml"
CALIBRATION_SEED = 2022
"""Seed of the luck from which a draw's parameters follow."""


def _dates() -> tuple[str, ...]:
    if not POSTERIORS.is_file():
        return ()
    with POSTERIORS.open(encoding="utf-8") as lines:
        return tuple(sorted(lines.readline().strip().split(",")))


DATES = _dates()
"""The months to whose end a posterior knows the record, in order: ("2018-12", ...)."""
SETTINGS = (*WORDS, *(f"{DEFAULT}:{date}" for date in DATES))


def prior_quantile(parameter: Parameter, u: np.ndarray) -> np.ndarray:
    """The value below which a share `u` of the prior lies.

    Half of the prior is spread evenly between the low end and the default, half between the default and the high end:
    the default is the best guess, so it is the median, and ranges need not be symmetrical about it.
    """
    return _quantiles(u, *(float(end or 0.0) for end in (parameter.low, parameter.default, parameter.high)))


def _quantiles(u: np.ndarray, low: Any, middle: Any, high: Any) -> np.ndarray:
    import numpy as np

    return np.where(u < 0.5, low + 2.0 * u * (middle - low), middle + (2.0 * u - 1.0) * (high - middle))


def dated(setting: str) -> str:
    """The month to whose end a posterior knows the record; "" for the other settings."""
    kind, _, date = setting.partition(":")
    return (date or max(DATES, default="none")) if kind == DEFAULT else ""


def check(setting: str) -> None:
    """Raises ValueError for an unknown setting."""
    choice(SETTINGS)("uncertainty", setting)


def draws_are_shared(setting: str, scenarios: Iterable[Scenario]) -> bool:
    """Whether runs share what is drawn of parameters or theories, so that two of them are not independent."""
    from sim.model.beliefs import open_theories

    return setting != "luck" or any(
        open_theories(scenario.levers) or any(isinstance(given, tuple) for given in scenario.uncertainty.values())
        for scenario in scenarios)


def theories_met(path: str, scenarios: Sequence[Scenario], seed: int, runs: np.ndarray) -> np.ndarray:
    """Which of a theory's choices each run met in each scenario, as places among them (scenarios, runs)."""
    import numpy as np

    from sim.model.beliefs import drawn, theories
    from sim.model.luck import Luck

    luck = Luck(seed, np.asarray(runs))
    return np.stack([drawn(theories()[path], str(scenario.levers[path]), luck) for scenario in scenarios])


def in_words(setting: str) -> str:
    """What is believed about parameters, for the head of whatever is shown; ValueError for an unknown setting."""
    check(setting)
    kind, _, date = setting.partition(":")
    said = gettext(WORDS[kind])
    return gettext("{belief}, to the end of {date}", belief=said, date=date) if date else said


def believed(setting: str, seed: int, runs: np.ndarray) -> dict[str, np.ndarray]:
    """Each uncertain parameter's value in each row (rows,), for the run numbers `runs` (rows,); {} under `luck`.

    A value depends on the seed and on run // 2 alone, so it is the same under every scenario. Raises ValueError for an
    unknown setting, and where there is no posterior.
    """
    import numpy as np

    from sim.model.luck import Luck

    check(setting)
    if setting == "luck":
        return {}
    luck = Luck(seed, np.asarray(runs)).of_draws()
    if not dated(setting):
        return _values(luck)
    draws = posterior(dated(setting))
    return values_of_draws(draws[(luck.uniform("posterior.draw", 1)[:, 0] * len(draws)).astype(int)])


@cache
def uncertain() -> tuple[str, ...]:
    """Names of the uncertain parameters."""
    return tuple(name for name, parameter in parameters().items() if parameter.kind == "uncertainty")


def values_of_draws(draws: np.ndarray) -> dict[str, np.ndarray]:
    """Each uncertain parameter's value in each draw of calibration (draws,), by number."""
    from sim.model.luck import Luck

    return _values(Luck(CALIBRATION_SEED, draws))


def _values(luck: Luck) -> dict[str, np.ndarray]:
    found = _quantiles(luck.first_of_each(tuple(f"prior.{name}" for name in uncertain())), *_ends())
    return dict(zip(uncertain(), found, strict=True))


@cache
def _ends() -> np.ndarray:
    """Low end, default and high end of each uncertain parameter, to be set against numbers of each: (3, names, 1)."""
    import numpy as np

    chosen = [parameters()[name] for name in uncertain()]
    return np.array([[float(end or 0.0) for end in ends] for ends in
                     ([each.low for each in chosen], [each.default for each in chosen],
                      [each.high for each in chosen])])[..., np.newaxis]


@cache
def ranges() -> str:
    """A hash of the uncertain parameters' names and ranges: with others, draws by number mean other parameters."""
    told = repr([(name, parameters()[name].low, parameters()[name].default, parameters()[name].high)
                 for name in uncertain()])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


@cache
def calibration() -> dict[str, Any]:
    """How the posteriors came about: runs, ranges, and by origin tolerance, effective sample, what is informed."""
    return tomllib.loads(CALIBRATION.read_text(encoding="utf-8")) if CALIBRATION.is_file() else {}


@cache
def posterior(date: str) -> np.ndarray:
    """The draws, by number, of the posterior that knows the record to the end of a month (draws,).

    Raises ValueError if there is none, and where it was made with other ranges of the parameters.
    """
    import numpy as np

    if date not in DATES:
        raise ValueError("there is no posterior: sim/data/posterior.csv is missing; `make calibrate` makes it")
    if calibration().get("ranges") != ranges():
        raise ValueError("posterior.csv was made with other ranges of the parameters; `make calibrate` makes it anew")
    header, *lines = POSTERIORS.read_text(encoding="utf-8").splitlines()
    return np.array([int(line.split(",")[header.split(",").index(date)]) for line in lines])
