"""exp, log, tanh, the normal distribution: near the true value, and the same bits however they are run."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mpmath
import numpy as np
import pytest
from scipy.special import ndtri

from sim.model import elementary

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)


def units_off(ours: Callable[[float], float], exact: Callable[[mpmath.mpf], mpmath.mpf], x: np.ndarray) -> float:
    """How far off the worst value is, in units of the last place of the true one."""
    with mpmath.workdps(50):
        true = [exact(mpmath.mpf(float(number))) for number in x]
        return max(float(abs((mpmath.mpf(ours(float(number))) - value) / mpmath.mpf(np.spacing(abs(float(value))))))
                   for number, value in zip(x, true, strict=True))


# Rounding alone costs half a unit; exp, log and tanh add less than one, the normal distribution's quotients a few.
@pytest.mark.parametrize(("name", "exact", "x", "most"), [
    ("exp", mpmath.exp, RNG.uniform(-700, 709, 2000), 1.0),
    ("exp", mpmath.exp, RNG.uniform(-1, 1, 2000), 1.0),
    ("log", mpmath.log, np.exp(RNG.uniform(-700, 700, 2000)), 1.0),
    ("log", mpmath.log, 1.0 + RNG.uniform(-0.3, 0.3, 2000), 1.0),
    ("log10", mpmath.log10, np.exp(RNG.uniform(-700, 700, 2000)), 2.0),
    ("tanh", mpmath.tanh, RNG.uniform(-20, 20, 2000), 2.0),
    ("tanh", mpmath.tanh, RNG.uniform(-1, 1, 2000), 2.0),
    ("normal_probability", mpmath.ncdf, RNG.uniform(-30, 8, 1000), 8.0),
], ids=lambda value: value if isinstance(value, str) else "")
def test_values_are_within_units_of_the_last_place(name, exact, x, most):
    assert units_off(getattr(elementary, name), exact, x) < most


def test_normal_quantiles_are_those_of_scipy_to_fifteen_digits():
    p = np.concatenate([RNG.uniform(0, 1, 4000), np.exp(RNG.uniform(-37, 0, 2000)), [2.0**-54, 0.5, 1.0 - 2.0**-53]])
    ours = np.array([elementary.normal_quantile(float(x)) for x in p])
    assert ours == pytest.approx(ndtri(p), rel=2e-15, abs=1e-16)


@pytest.mark.parametrize(("name", "given", "expected"), [
    ("exp", [-math.inf, -800.0, 0.0, 800.0, math.inf], [0.0, 0.0, 1.0, math.inf, math.inf]),
    ("log", [-1.0, 0.0, 1.0, math.inf, 5e-324], [math.nan, -math.inf, 0.0, math.inf, -744.4400719213812]),
    ("log10", [-1.0, 0.0, 1.0, 1e300], [math.nan, -math.inf, 0.0, 300.0]),
    ("tanh", [-math.inf, -40.0, 0.0, 1e-300, math.inf], [-1.0, -1.0, 0.0, 1e-300, 1.0]),
    ("normal_quantile", [-0.1, 0.0, 0.5, 1.0, 1.1], [math.nan, -math.inf, 0.0, math.inf, math.nan]),
    ("normal_probability", [-math.inf, 0.0, math.inf], [0.0, 0.5, 1.0]),
])
def test_ends_of_the_range_infinities_and_nan(name, given, expected):
    function = getattr(elementary, name)
    assert [function(x) for x in given] == pytest.approx(expected, nan_ok=True)
    assert math.isnan(function(math.nan))


BITS = """
import json, numpy as np
from sim.model import elementary
x = np.random.default_rng(1).uniform(0.001, 0.999, 300)
print(json.dumps([float(getattr(elementary, name)(float(y) * scale)).hex() for name, scale in (
    ("exp", 50.0), ("exp", -900.0), ("log", 1e9), ("log", 1e-309), ("log10", 30.0), ("tanh", 3.0), ("tanh", -0.5),
    ("normal_quantile", 1.0), ("normal_quantile", 1e-20), ("normal_probability", -9.0), ("normal_probability", 5.0),
) for y in x]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("surroundings", [
    {"NUMBA_DISABLE_JIT": "1"},
    {"NUMBA_CPU_NAME": "generic"},
    {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+fma"},
    {"NUMBA_OPT": "1"},
], ids=["plain Python", "any processor", "with fused operations", "less optimised"])
def test_bits_do_not_depend_on_the_processor_or_on_compiling(surroundings):
    def bits(**more: str) -> list[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | more
        told = subprocess.run([sys.executable, "-c", BITS], env=environment, capture_output=True, text=True, check=True)
        return json.loads(told.stdout)

    assert bits(**surroundings) == bits()
