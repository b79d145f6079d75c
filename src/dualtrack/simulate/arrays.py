"""Array helpers of the step. Axis 0 is the buyer where there is one; the last axis is always the path.

Sums over buyers are taken row by row: numpy's own reductions add in an order that depends on the width
of the array, and a path's numbers must not depend on how many paths run beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
Values = dict[str, Any]


def total(rows: Array) -> Array:
    """The sum over buyers, shape (path,)."""
    if not isinstance(rows, np.ndarray):
        # Under jax a sum by rows makes XLA compute the whole expression once for each row, nested.
        return rows.sum(axis=0)
    out = rows[0]
    for row in rows[1:]:
        out = out + row
    return out


def pushed(xp: Any, history: Array, newest: Array) -> Array:
    """The history moved on by one month; the newest stands last."""
    return xp.concatenate([history[1:], newest[None]])


def lagged(xp: Any, history: Array, lag: Array) -> Array:
    """The value `lag` months ago, path by path (0: the newest), never older than the history."""
    depth = history.shape[0]
    index = depth - 1 - xp.clip(lag, 0, depth - 1)
    index = index.reshape((1,) * (history.ndim - 1) + index.shape)
    return xp.take_along_axis(history, index, axis=0)[0]


def part_of(xp: Any, available: Array, wanted: Array) -> Array:
    """The share of what is wanted that can be served, between 0 and 1; 1 where nothing is wanted."""
    # Divide only what is clipped already: where both sides are equal but for rounding, jax may answer a
    # comparison one way here and the other way there.
    some = wanted > 0.0
    return xp.where(some, xp.minimum(available, wanted) / xp.where(some, wanted, 1.0), 1.0)


def shared(xp: Any, limit: Array, first: Array, second: Array) -> Array:
    """Serve `first` claims up to a limit in total, then `second` claims from what is left, pro rata."""
    wanted = total(first)
    served = first * part_of(xp, limit, wanted)
    left = xp.maximum(limit - wanted, 0.0)
    return served + second * part_of(xp, left, total(second))


def positive(xp: Any, values: Array) -> Array:
    return xp.maximum(values, 0.0)
