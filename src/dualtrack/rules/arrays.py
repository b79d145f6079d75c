"""One way to treat numpy arrays, jax arrays and plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def namespace(*values: Any) -> Any:
    """The array library of these values: that of the first one that is not numpy's, else numpy."""
    for value in values:
        if not isinstance(value, np.ndarray | np.generic) and hasattr(value, "__array_namespace__"):
            return value.__array_namespace__()
    return np


def lifted(value: Any) -> Array:
    """The value as an array; a plain number gets shape ().

    `~True` is `-2` in Python, so no truth value may stay a plain bool.
    """
    return value if hasattr(value, "shape") else np.asarray(value)


def nothing_true(condition: Array) -> bool:
    """Say whether an array is known, here and now, to hold no True; a traced array is never known."""
    return isinstance(condition, np.ndarray | np.generic) and not condition.any()


def anything_true(condition: Array) -> bool:
    """Say whether an array is known, here and now, to hold a True."""
    return isinstance(condition, np.ndarray | np.generic) and bool(condition.any())
