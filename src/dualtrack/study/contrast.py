"""Two runs of the same draws, path by path: difference, ratio, how often one is more, what the pairing is worth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualtrack.results.summary import NOTHING, number, spread

# Outcomes are kept in single precision; what differs by less than that carries is no effect.
SAME = 1e-6


def contrast(one: np.ndarray, base: np.ndarray) -> dict[str, Any]:
    """What `one` has over `base`, both of shape (path,), float64.

    Paths on which either is undefined are left out and counted. Two values are equal where they differ by less
    than a millionth, or where both are nought.

    Returns:
        difference: spread of one - base, nought where they are equal; its mean stands with standard_error, the error of the paired mean.
        ratio: spread of one / base over the ratio_paths on which base is not nought.
        p_more, p_equal, p_less: shares of the paths compared; they add up to 1.
        pairing_gain: how many times the paths independent draws would need for the same standard error;
            None where the difference does not vary.
    """
    compared = ~(np.isnan(one) | np.isnan(base))
    one, base = one[compared], base[compared]
    equal = are_equal(one, base)
    difference = np.where(equal, 0.0, one - base)
    divided = np.abs(base) >= NOTHING
    ratio = one[divided] / base[divided]
    out: dict[str, Any] = {
        "paths": int(one.size),
        "undefined": int(compared.size - one.size),
        "difference": spread(difference),
        "standard_error": None,
        "ratio": spread(ratio),
        "ratio_paths": int(ratio.size),
        "p_more": _share((difference > 0) & ~equal),
        "p_equal": _share(equal),
        "p_less": _share((difference < 0) & ~equal),
        "pairing_gain": None,
    }
    if one.size > 1:
        varied = float(np.var(difference, ddof=1))
        out["standard_error"] = math.sqrt(varied / one.size)
        if varied > 0.0:
            apart = float(np.var(one, ddof=1) + np.var(base, ddof=1))
            out["pairing_gain"] = number(apart / varied)
    return out


def are_equal(one: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Whether two values are the same but for rounding."""
    most = np.maximum(np.abs(one), np.abs(base))
    same: np.ndarray = (np.abs(one - base) <= SAME * most) | (most < NOTHING)
    return same


def _share(holds: np.ndarray) -> float | None:
    return float(np.mean(holds)) if holds.size else None
