"""Scores of an ensemble against one figure: on the log scale where both are above nothing, as events where not."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualtrack.errors import ScenarioFault
from dualtrack.futures.draws import Array

LEAST = 1e-6  # below this a quantity is none
INTERVALS = (0.5, 0.8, 0.9)


def library() -> Any:
    """scoringrules.

    Raises:
        ScenarioFault: The extra is not installed.
    """
    try:
        import scoringrules
    except ImportError:
        raise ScenarioFault(
            "Scores need scoringrules. Install it with: pip install 'dualtrack[study]'."
        ) from None
    return scoringrules


def chance_of_none(ensemble: Array) -> float:
    """The part of the paths that have nothing."""
    return float(np.mean(ensemble < LEAST))


def smoothed(share: float, paths: int) -> float:
    """A probability that no finite number of paths makes certain: half a path is added on each side."""
    return (share * paths + 0.5) / (paths + 1.0)


def crps_log(ensemble: Array, observed: float) -> float | None:
    """CRPS in natural logarithms, over the paths that have something; None where nothing was observed.

    A point forecast x has the score |ln x - ln observed|, so that rivals are on the same scale.
    """
    some = ensemble[ensemble >= LEAST]
    if observed < LEAST or some.size == 0:
        return None
    return float(library().crps_ensemble(np.log(observed), np.log(some)))


def log_score(ensemble: Array, observed: float) -> float | None:
    """Minus the logarithm of what the forecast gave to the outcome.

    That is the chance of none where nothing was observed, and elsewhere the chance of some times a kernel
    density of the logarithm. None where the density is nil.
    """
    none = smoothed(chance_of_none(ensemble), ensemble.size)
    if observed < LEAST:
        return float(-np.log(none))
    some = ensemble[ensemble >= LEAST]
    if some.size < 2 or np.ptp(some) == 0.0:
        return None
    of_some = float(library().logs_ensemble(np.log(observed), np.log(some)))
    return of_some - float(np.log1p(-none)) if np.isfinite(of_some) else None


def pit(ensemble: Array, observed: float) -> float:
    """Where the outcome lies in the forecast: the part of the paths below it and half of those level with it."""
    below = np.mean(ensemble < observed - LEAST)
    level = np.mean(np.abs(ensemble - observed) <= LEAST)
    return float(below + 0.5 * level)


def covered(ensemble: Array, observed: float, level: float) -> bool:
    """Whether the central interval of that probability holds the outcome, its ends included."""
    low, high = np.quantile(ensemble, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return bool(low <= observed <= high)


def point_error(forecast: float, observed: float) -> float | None:
    """The score of a point forecast on the log scale; None where either is nothing."""
    if forecast < LEAST or observed < LEAST:
        return None
    return float(abs(np.log(forecast / observed)))


def brier(chance: float, happened: bool) -> float:
    """The squared difference between the chance and what came: 0 is perfect, 0.25 a coin."""
    return (chance - float(happened)) ** 2


def event_log_score(chance: float, happened: bool, paths: int) -> float:
    """Minus the logarithm of the chance given to what came."""
    given = smoothed(chance if happened else 1.0 - chance, paths)
    return float(-np.log(given))
