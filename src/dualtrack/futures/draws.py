"""Random numbers that belong to a path: the same for every scenario, chunk size, backend and worker.

A stream is a name (`"input:demand.realism"`, `"us.move:2026-10"`). Its key is a hash of the seed and
the name, and path i takes the i-th number of a Philox counter sequence under that key. No state is
carried from one draw to the next, so a block of paths can be drawn alone, and a new stream disturbs
no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from dualtrack.errors import ScenarioFault, UnknownLabel, nearest
from dualtrack.facts.ranges import Range

Array = NDArray[np.floating]

_WORDS_PER_COUNTER = 4  # Philox4x64 gives four 64-bit words for each value of its counter
_HALF_STEP = 2.0**-54
_BELOW_ONE = 1.0 - 2.0**-53


class Streams(Protocol):
    """Where a simulation takes its random numbers from: one for each stream and path."""

    @property
    def count(self) -> int:
        """How many paths."""

    def uniform(self, stream: str) -> Array:
        """One number per path, uniform on the open interval (0, 1), shape (count,)."""


@dataclass(frozen=True)
class Block:
    """The paths `start` to `start + count - 1` of a run with this seed."""

    seed: int
    start: int
    count: int

    def uniform(self, stream: str) -> Array:
        """One number per path, uniform on the open interval (0, 1), shape (count,)."""
        digest = hashlib.blake2b(f"{self.seed}/{stream}".encode(), digest_size=16).digest()
        first_counter, skip = divmod(self.start, _WORDS_PER_COUNTER)
        generator = np.random.Philox(key=int.from_bytes(digest, "little"), counter=first_counter)
        words = generator.random_raw(skip + self.count)[skip:]
        # 53 bits, moved by half a step so that neither 0 nor 1 is ever drawn.
        uniform: Array = (words >> np.uint64(11)) * 2.0**-53 + _HALF_STEP
        return uniform


@dataclass(frozen=True)
class DesignedBlock:
    """Paths whose named streams are set by an experiment's design; all other streams are those of given paths.

    Attributes:
        designed: Uniforms by stream, shape (count,); numbers outside the open interval are moved just inside.
        luck: The path whose numbers each row takes for every other stream, shape (count,).
    """

    seed: int
    designed: Mapping[str, Array]
    luck: NDArray[np.int64]

    @property
    def count(self) -> int:
        return self.luck.size

    def uniform(self, stream: str) -> Array:
        """One number per row, uniform on the open interval (0, 1), shape (count,)."""
        if stream in self.designed:
            return np.clip(self.designed[stream], _HALF_STEP, _BELOW_ONE)
        first = int(self.luck.min())
        drawn = Block(self.seed, first, int(self.luck.max()) - first + 1).uniform(stream)
        return drawn[self.luck - first]


def pearson_from_rank(rank: float) -> float:
    """The correlation of two normal variables whose Spearman rank correlation is `rank`."""
    return float(2.0 * np.sin(np.pi * rank / 6.0))


def rank_from_pearson(pearson: float) -> float:
    """The Spearman rank correlation of two normal variables that correlate by `pearson`.

    >>> round(rank_from_pearson(0.7), 4)
    0.6829
    """
    return float(6.0 / np.pi * np.arcsin(pearson / 2.0))


@dataclass(frozen=True)
class Copula:
    """A Gaussian copula over some named inputs; `lower` is the Cholesky factor of their correlations."""

    names: tuple[str, ...]
    lower: Array

    @classmethod
    def of(cls, pairs: dict[tuple[str, str], float]) -> Copula:
        """Build the copula from rank correlations of pairs.

        Raises:
            ScenarioFault: Together the pairs are not a correlation matrix.
        """
        names = tuple(sorted({name for pair in pairs for name in pair}))
        position = {name: n for n, name in enumerate(names)}
        matrix = np.eye(len(names))
        for (one, other), rank in pairs.items():
            matrix[position[one], position[other]] = pearson_from_rank(rank)
            matrix[position[other], position[one]] = pearson_from_rank(rank)
        try:
            return cls(names, np.linalg.cholesky(matrix))
        except np.linalg.LinAlgError:
            smallest = float(np.linalg.eigvalsh(matrix)[0])
            listed = ", ".join(f"{a} ~ {b}: {rank:g}" for (a, b), rank in pairs.items())
            raise ScenarioFault(
                f"The rank correlations contradict each other: {listed} (smallest eigenvalue {smallest:.3g}).\n"
                "  A correlation matrix has none below zero. Bring some of them nearer to 0."
            ) from None

    @classmethod
    def equal(cls, names: Iterable[str], rank: float) -> Copula:
        """Build the copula in which every two of the inputs have the same rank correlation.

        Not below 0 it is that of one common factor, on which all of them lean alike.

        Raises:
            ScenarioFault: There are fewer than two inputs, or so many cannot all run against each other.
        """
        listed = sorted(set(names))
        if len(listed) < 2:
            raise ScenarioFault(f"A correlation was given for {listed}; wanted two inputs or more.")
        if not -1.0 <= rank <= 1.0:
            raise ScenarioFault(f"A rank correlation of {rank:g} was given; wanted a number from -1 to 1.")
        return cls.of(dict.fromkeys(combinations(listed, 2), rank))

    def uniforms(self, block: Streams, streams: dict[str, str]) -> dict[str, Array]:
        """Correlated uniforms by name; `streams` says which stream each name draws from."""
        normals = [ndtri(block.uniform(streams[name])) for name in self.names]
        out = {}
        for row, name in enumerate(self.names):
            # Row by row rather than as a matrix product: BLAS rounds differently for different widths.
            mixed = self.lower[row, 0] * normals[0]
            for column in range(1, row + 1):
                mixed = mixed + self.lower[row, column] * normals[column]
            out[name] = ndtr(mixed)
        return out


def input_uniforms(
    block: Streams,
    names: Iterable[str],
    copula: Copula | None = None,
    streams: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Array]:
    """The uniform behind each named input, shape (count,), correlated where the copula says so.

    Every input has a stream of its own, `input:NAME` where `streams` names no other, so one input more or less
    changes no other's draws. What the copula knows and `names` does not is left out.
    """

    def stream(name: str) -> str:
        return streams.get(name, f"input:{name}")

    correlated = copula.uniforms(block, {name: stream(name) for name in copula.names}) if copula else {}
    return {name: correlated[name] if name in correlated else block.uniform(stream(name)) for name in names}


def draw_ranges(block: Block, ranges: Mapping[str, Range], copula: Copula | None = None) -> dict[str, Array]:
    """Draw a value per path from each range, shape (count,), as a run draws its uncertain inputs.

    Args:
        copula: Correlates some of the ranges, by their names; the others are independent.

    Raises:
        UnknownLabel: The copula correlates what is not among the ranges.
    """
    for name in copula.names if copula else ():
        if name not in ranges:
            raise UnknownLabel(
                f"A correlation was given for {name!r}, which is no range.{nearest(name, ranges)}"
            )
    uniforms = input_uniforms(block, ranges, copula)
    return {name: of.quantile(uniforms[name]) for name, of in ranges.items()}
