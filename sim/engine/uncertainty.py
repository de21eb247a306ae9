"""What is believed about parameters: their defaults, their plausible ranges, or what the record leaves of these.

Under `luck` every parameter has its default. Under `prior` each uncertain one is drawn from its range; under
`posterior` from the draws that calibration left (`sim/data/posterior.csv`), and from its range where the record says
nothing about it. Two consecutive runs share a draw, so that what luck does can be told from what is not known.

Everything that simulates takes one of these settings and has the same default, and whatever it shows says in the same
words which it was: run 17 of seed 0 is one history under each setting, and another under the next. NumPy is loaded
where values are drawn, since commands that draw none show the settings too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sim.common.arguments import choice
from sim.model.parameters import DATA, Parameter, parameters

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario.scenario import Scenario

WORDS = {
    "luck": "parameters at their defaults",
    "prior": "parameters drawn from their ranges",
    "posterior": "parameters drawn as the record leaves them",
}
"""Each setting in words."""
SETTINGS = tuple(WORDS)
DEFAULT = "posterior"
POSTERIOR = DATA / "posterior.csv"
CALIBRATION = DATA / "posterior.toml"


def prior_quantile(parameter: Parameter, u: np.ndarray) -> np.ndarray:
    """The value below which a share `u` of the prior lies.

    Half of the prior is spread evenly between the low end and the default, half between the default and the high end:
    the default is the best guess, so it is the median, and ranges need not be symmetrical about it.
    """
    import numpy as np

    low, middle, high = (float(x) for x in (parameter.low or 0.0, parameter.default or 0.0, parameter.high or 0.0))
    return np.where(u < 0.5, low + 2.0 * u * (middle - low), middle + (2.0 * u - 1.0) * (high - middle))


def check(setting: str) -> None:
    """Raises ValueError for an unknown setting."""
    choice(SETTINGS)("uncertainty", setting)


def draws_are_shared(setting: str, scenarios: Iterable[Scenario]) -> bool:
    """Whether runs share what is drawn of parameters or theories, so that two of them are not independent."""
    from sim.model.beliefs import open_theories

    return setting != "luck" or any(open_theories(scenario.levers) for scenario in scenarios)


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
    return WORDS[setting]


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
    values = {
        name: prior_quantile(parameter, luck.uniform(f"prior.{name}", 1)[:, 0])
        for name, parameter in parameters().items()
        if parameter.kind == "uncertainty"
    }
    if setting == "posterior":
        names, draws = posterior()
        chosen = (luck.uniform("posterior.draw", 1)[:, 0] * len(draws)).astype(int)
        values |= dict(zip(names, draws[chosen].T, strict=True))
    return values


@cache
def calibration() -> dict[str, Any]:
    """How the posterior came about: runs, effective sample size, parameters informed, the back-test; {} without one."""
    return tomllib.loads(CALIBRATION.read_text(encoding="utf-8")) if CALIBRATION.is_file() else {}


@cache
def posterior() -> tuple[tuple[str, ...], np.ndarray]:
    """The calibrated parameters' names and draws, (draws, parameters).

    Raises ValueError if there is no such file, or where it does not fit the parameters.
    """
    import numpy as np

    if not POSTERIOR.is_file():
        raise ValueError("there is no posterior: sim/data/posterior.csv is missing; `make calibrate` makes it")
    header, *lines = POSTERIOR.read_text(encoding="utf-8").splitlines()
    names = tuple(header.split(","))
    draws = np.array([[float(cell) for cell in line.split(",")] for line in lines])
    for name, column in zip(names, draws.T, strict=True):
        parameter = parameters().get(name)
        if parameter is None or parameter.kind != "uncertainty":
            raise ValueError(f"posterior.csv: {name} is no uncertain parameter; `make calibrate` makes the file anew")
        low, high = float(parameter.low or 0.0), float(parameter.high or 0.0)
        slack = 1e-4 * (high - low)  # of rounding
        if not np.all((column >= low - slack) & (column <= high + slack)):
            raise ValueError(f"posterior.csv: {name} leaves its range; `make calibrate` makes the file anew")
    return names, draws
