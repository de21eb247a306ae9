"""Between simulated points: what an outcome would be there, by weights of the points, and how far that misses.

Every estimate is a weighted sum of what was simulated, with weights that depend on where the points lie and never on
the luck of a run. So the difference of two places, future by future on the same luck, is a weighted sum as well, and
means and their paired differences are the same whether futures are interpolated one by one or their mean is.

On a full grid the weights are multilinear. Points that are scattered are joined by universal kriging: a plane through
all of them, and around it a Gaussian process whose squared exponential kernel has a length for each axis, and a nugget
for what lies between points closer than that, or is chance (Sacks, Welch, Mitchell & Wynn 1989; Rasmussen & Williams
2006, 2.7). Lengths and nugget maximise the restricted likelihood. Errors are of points that are left out: for kriging
in closed form (Dubrule 1983), on a grid from the neighbours on both sides.

Axes run from 0 to 1 here, each from its lowest point to its highest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

LENGTHS = (0.1, 30.0)
"""Shortest and longest length of a kernel, as multiples of an axis: beyond them points tell no difference."""
NUGGETS = (1e-3, 1e2)
"""Least and most nugget, as a multiple of the kernel's variance; the least keeps the equations well conditioned."""
MOST_SCATTERED = 800
"""Points that a browser joins in less than a second when the page is opened."""


def fewest(axes: int) -> int:
    """Scattered points that an interpolation over so many axes needs: twice what its plane has, and two more."""
    return 2 * (axes + 1) + 2


# ---- grids -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Lattice:
    """A full grid: values along each axis, ascending; points in the order of nested loops, the last axis fastest."""

    along: tuple[tuple[float, ...], ...]

    def weights(self, at: Sequence[float]) -> np.ndarray:
        """Multilinear weights (points,) of the grid's points at a place within it (axes,)."""
        weights = np.ones(1)
        for values, x in zip(self.along, at, strict=True):
            own = np.zeros(len(values))
            right = min(max(int(np.searchsorted(values, x)), 1), len(values) - 1) if len(values) > 1 else 0
            if right == 0:
                own[0] = 1.0
            else:
                share = (x - values[right - 1]) / (values[right] - values[right - 1])
                own[right - 1], own[right] = 1.0 - share, share
            weights = (weights[:, None] * own).ravel()
        return weights

    def left_out(self, values: np.ndarray) -> np.ndarray:
        """What each point would be without it (points, columns): from its neighbours along every axis on which it has
        one on both sides, and their mean over these axes. NaN for corners, which have none.

        The neighbours lie twice as far apart as those between which a slider stands, so this errs on the safe side.
        """
        shape = tuple(map(len, self.along))
        given = values.reshape(*shape, -1)
        total, count = np.zeros(given.shape), np.zeros(given.shape)
        for axis, along in enumerate(self.along):
            if len(along) < 3:
                continue
            moved, sums, counts = (np.moveaxis(array, axis, 0) for array in (given, total, count))
            x = np.array(along)
            share = ((x[1:-1] - x[:-2]) / (x[2:] - x[:-2])).reshape(-1, *([1] * (moved.ndim - 1)))
            sums[1:-1] += (1.0 - share) * moved[:-2] + share * moved[2:]
            counts[1:-1] += 1.0
        return np.where(count > 0.0, total / np.maximum(count, 1.0), np.nan).reshape(values.shape)


# ---- scattered points --------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Kriging:
    """Scattered points (points, axes) joined by universal kriging, with `lengths` (axes,) and `nugget` as found."""

    points: np.ndarray
    lengths: np.ndarray
    nugget: float

    @classmethod
    def fitted(cls, points: np.ndarray, values: np.ndarray) -> Kriging:
        """Lengths and nugget of greatest restricted likelihood for columns of values (points, columns) together.

        Columns weigh alike, whatever their unit; one that does not vary tells nothing. The same input gives the same.
        """
        varies = np.ptp(values, axis=0) > 0.0
        axes = points.shape[1]
        if not varies.any():
            return cls(points, np.ones(axes), 1.0)
        columns = (values[:, varies] - values[:, varies].mean(axis=0)) / values[:, varies].std(axis=0)
        apart, plane = _apart(points, points), _plane(points)
        bounds = [tuple(np.log(LENGTHS))] * axes + [tuple(np.log(NUGGETS))]
        found = optimize.minimize(_likelihood, np.append(np.zeros(axes), np.log(0.1)), (apart, plane, columns),
                                  jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
        # Rounded, so that the page holds what the errors were measured with.
        rounded = np.array([float(f"{x:.5g}") for x in np.exp(found.x)])
        return cls(points, rounded[:-1], float(rounded[-1]))

    def weights(self, at: Sequence[float]) -> np.ndarray:
        """Weights (points,) of the points at a place (axes,); their sum is 1."""
        place = np.asarray(at, dtype=float)[None, :]
        near = _kernel(_apart(place, self.points), self.lengths)[0]
        inner, plane = self._solved()
        return np.asarray(inner @ near + plane @ _plane(place)[0])

    def left_out(self, values: np.ndarray) -> np.ndarray:
        """What each point would be without it (points, columns), with the same lengths and nugget."""
        inner, _ = self._solved()
        return np.asarray(values - (inner @ values) / np.diag(inner)[:, None])

    def _solved(self) -> tuple[np.ndarray, np.ndarray]:
        """The parts of the inverse of the kriging equations: (points, points), and (points, plane's terms)."""
        covariance = _kernel(_apart(self.points, self.points), self.lengths) + self.nugget * np.eye(len(self.points))
        return _parts(covariance, _plane(self.points))[:2]


def _apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Squared distances along each axis (axes, points of the first, points of the second)."""
    return np.asarray((first.T[:, :, None] - second.T[:, None, :]) ** 2)


def _kernel(apart: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Squared exponential kernel of squared distances along each axis (axes, ...)."""
    return np.asarray(np.exp(np.tensordot(-0.5 / lengths**2, apart, axes=1)))


def _plane(points: np.ndarray) -> np.ndarray:
    """The terms of the plane at each point (points, 1 + axes)."""
    return np.column_stack([np.ones(len(points)), points])


def _parts(covariance: np.ndarray, plane: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Q = K^-1 - K^-1 F (F'K^-1 F)^-1 F'K^-1, K^-1 F (F'K^-1 F)^-1, and log |K| + log |F'K^-1 F|."""
    factor = linalg.cholesky(covariance, lower=True)
    inverse = linalg.cho_solve((factor, True), np.eye(len(covariance)))
    through = inverse @ plane
    outer = linalg.cholesky(plane.T @ through, lower=True)
    onto = linalg.cho_solve((outer, True), through.T).T
    log_determinants = 2.0 * (np.log(np.diag(factor)).sum() + np.log(np.diag(outer)).sum())
    return inverse - onto @ through.T, onto, float(log_determinants)


def _likelihood(
    logs: np.ndarray, apart: np.ndarray, plane: np.ndarray, columns: np.ndarray
) -> tuple[float, np.ndarray]:
    """Minus the restricted log-likelihood of all columns, each with a variance of its own, and its gradient."""
    lengths, nugget = np.exp(logs[:-1]), float(np.exp(logs[-1]))
    kernel = _kernel(apart, lengths)
    inner, _, log_determinants = _parts(kernel + nugget * np.eye(len(kernel)), plane)
    weighed = inner @ columns
    squares = (columns * weighed).sum(axis=0)
    free = len(plane) - plane.shape[1]
    value = 0.5 * (free * np.log(squares).sum() + columns.shape[1] * log_determinants)
    pull = columns.shape[1] * inner - free * (weighed / squares) @ weighed.T
    by_length = 0.5 * (apart.reshape(len(lengths), -1) @ (pull * kernel).ravel()) / lengths**2
    return float(value), np.append(by_length, 0.5 * nugget * float(np.trace(pull)))
