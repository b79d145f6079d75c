"""Which rows an analysis of drivers simulates: a Saltelli design over Sobol' points, or Morris trajectories.

Luck is one grouped input: where the design gives it a value, the row takes all event
luck of one path of the scenario.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.stats.qmc import Sobol

from dualtrack.errors import ScenarioFault
from dualtrack.futures.draws import Array, DesignedBlock
from dualtrack.study.factors import LUCK, Factor

LEVELS = 4
# Trajectories step between these probabilities; at 0 and 1 a range has no end.
LOWEST, HIGHEST = 0.05, 0.95
# How far one step goes, in probability.
STEP = (HIGHEST - LOWEST) * LEVELS / (2 * (LEVELS - 1))
MOST_ROWS = 20_000_000


def check_installed(module: str, name: str, what: str) -> None:
    """Refuse to go on without an optional library.

    Raises:
        ScenarioFault: It is not installed.
    """
    if find_spec(module) is None:
        raise ScenarioFault(
            f"{what} needs {name}, which is not installed. Install it with: pip install 'dualtrack[study]'."
        )


@dataclass(frozen=True)
class Design(ABC):
    """The rows of an experiment.

    Attributes:
        streams: The stream of each column.
        factor_of: The position of each column's factor.
        names: The names of the factors, luck last.
    """

    streams: tuple[str, ...]
    factor_of: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def uniforms(self, rows: NDArray[np.int64]) -> Array:
        """The uniforms of some rows, shape (column, row)."""

    @abstractmethod
    def luck(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The path whose event luck each row has."""

    def block(self, seed: int, start: int, count: int) -> DesignedBlock:
        """The rows `start` to `start + count - 1`, ready to be simulated."""
        rows = np.arange(start, start + count)
        designed = dict(zip(self.streams, self.uniforms(rows), strict=True))
        return DesignedBlock(seed, designed, self.luck(rows))


@dataclass(frozen=True)
class SobolDesign(Design):
    """Base points A and B, and for every factor A with that factor's columns from B (Saltelli 2010).

    The rows of a base point lie together, in the order of SALib: A, each factor's, B.

    Attributes:
        a: Shape (column, base point).
        b: Same shape.
    """

    a: Array
    b: Array
    base: int

    @property
    def rows(self) -> int:
        return self.base * (len(self.names) + 2)

    def uniforms(self, rows: NDArray[np.int64]) -> Array:
        point, place = np.divmod(rows, len(self.names) + 2)
        return np.where(self._from_b(place, self.factor_of[:, None]), self.b[:, point], self.a[:, point])

    def luck(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        point, place = np.divmod(rows, len(self.names) + 2)
        path: NDArray[np.int64] = 2 * point + self._from_b(place, np.int64(len(self.names) - 1))
        return path

    def _from_b(self, place: NDArray[np.int64], factor: NDArray[np.int64] | np.int64) -> NDArray[np.bool_]:
        taken: NDArray[np.bool_] = (place == len(self.names) + 1) | (place == factor + 1)
        return taken


@dataclass(frozen=True)
class MorrisDesign(Design):
    """Trajectories through a grid of four levels, one factor moving at each step.

    Attributes:
        points: The grid's probabilities, shape (row, column); the last column is luck's.
        trajectories: How many.
    """

    points: Array
    trajectories: int

    @property
    def rows(self) -> int:
        return len(self.points)

    def uniforms(self, rows: NDArray[np.int64]) -> Array:
        found: Array = self.points[rows, :-1].T
        return found

    def luck(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        # Each level of each trajectory has a luck of its own.
        level = np.rint((self.points[rows, -1] - LOWEST) / (HIGHEST - LOWEST) * (LEVELS - 1))
        trajectory = rows // (len(self.names) + 1)
        path: NDArray[np.int64] = trajectory * LEVELS + level.astype(np.int64)
        return path


def sobol_design(factors: Sequence[Factor], base: int, seed: int) -> SobolDesign:
    """The Saltelli design of `base` points, `base` x (factors + 2) rows.

    Raises:
        ScenarioFault: `base` is not a power of two, or too many rows come out.
    """
    if base < 2 or base & (base - 1):
        raise ScenarioFault(
            f"--base {base} is not a power of two, which Sobol' points want. The nearest is {_nearest_power(base)}."
        )
    _check_rows(base * (len(factors) + 2), base, "--base")
    streams, factor_of, names = _columns(factors)
    if not streams:
        nothing = np.empty((0, base))
        return SobolDesign(streams, factor_of, names, nothing, nothing, base)
    # The points and rows of SALib's sampler, which would build all rows at once, number by number.
    points = Sobol(2 * len(streams), scramble=True, seed=seed).random(base).T
    a, b = (np.ascontiguousarray(part) for part in np.split(points, 2))
    return SobolDesign(streams, factor_of, names, a, b, base)


def morris_design(factors: Sequence[Factor], trajectories: int, seed: int) -> MorrisDesign:
    """The design of so many trajectories, `trajectories` x (factors + 1) rows.

    Raises:
        ScenarioFault: There are too few trajectories, or too many rows come out.
    """
    if trajectories < 2:
        raise ScenarioFault(f"--base {trajectories}: Morris wants 2 trajectories or more.")
    _check_rows(trajectories * (len(factors) + 1), trajectories, "--base")
    streams, factor_of, names = _columns(factors)
    from SALib.sample import morris

    points = morris.sample(morris_problem(factors), trajectories, num_levels=LEVELS, seed=seed)
    return MorrisDesign(streams, factor_of, names, points, trajectories)


def morris_problem(factors: Sequence[Factor]) -> dict[str, object]:
    """The factors as SALib wants them, luck a column of its own."""
    streams, factor_of, names = _columns(factors)
    return {
        "num_vars": len(streams) + 1,
        "names": [*streams, LUCK],
        "groups": [*(names[place] for place in factor_of), LUCK],
        "bounds": [[LOWEST, HIGHEST]] * (len(streams) + 1),
    }


def _columns(factors: Sequence[Factor]) -> tuple[tuple[str, ...], NDArray[np.int64], tuple[str, ...]]:
    pairs = [(stream, place) for place, factor in enumerate(factors) for stream in factor.streams]
    streams = tuple(stream for stream, _ in pairs)
    return streams, np.array([place for _, place in pairs], dtype=np.int64), tuple(f.name for f in factors)


def _check_rows(rows: int, base: int, option: str) -> None:
    if rows > MOST_ROWS:
        hours = rows / 4000 / 3600
        raise ScenarioFault(
            f"{option} {base:,} makes {rows:,} rows, some {hours:,.1f} hours on one core; at most {MOST_ROWS:,} are taken."
        )


def _nearest_power(base: int) -> int:
    below = 1 << max(base.bit_length() - 1, 1)
    return below if base - below < 2 * below - base else 2 * below
