"""How a vendor shares stock among firm orders. Each policy gives out all it can and no more than asked."""

from __future__ import annotations

from typing import Any

from dualtrack.errors import ScenarioFault, nearest
from dualtrack.simulate.arrays import Array, part_of, total

POLICIES = ("pro-rata", "priority", "max-min", "value")


def allocate(xp: Any, policy: str, available: Array, wanted: Array, priority: Array, value: Array) -> Array:
    """Units for each buyer, shape (buyer, path).

    Args:
        available: Units to share, shape (path,).
        wanted: Units each buyer may take, shape (buyer, path).
        priority: Order of serving by buyer (1 first), one number per buyer; used by `priority`.
        value: What a unit is worth by buyer, most first, one number per buyer; used by `value`.

    Raises:
        ScenarioFault: There is no such policy.
    """
    if policy == "pro-rata":
        return wanted * part_of(xp, available, total(wanted))
    if policy == "priority":
        return _in_order(xp, available, wanted, sorted(range(len(wanted)), key=lambda b: priority[b]))
    if policy == "value":
        return _in_order(xp, available, wanted, sorted(range(len(wanted)), key=lambda b: -value[b]))
    if policy == "max-min":
        return _max_min(xp, available, wanted)
    raise ScenarioFault(f"There is no allocation policy {policy!r}.{nearest(policy, POLICIES)}")


def _in_order(xp: Any, available: Array, wanted: Array, order: list[int]) -> Array:
    rows: dict[int, Array] = {}
    for buyer in order:
        rows[buyer] = xp.minimum(wanted[buyer], available)
        available = available - rows[buyer]
    return xp.stack([rows[buyer] for buyer in range(len(wanted))])


def _max_min(xp: Any, available: Array, wanted: Array) -> Array:
    """Raise all buyers together until each is served or the stock is gone."""
    ordered = xp.sort(wanted, axis=0)
    level = xp.zeros_like(available)
    left = available
    below = xp.zeros_like(available)
    for rank, want in enumerate(ordered):
        # Everyone not yet served can rise to this buyer's want, or as far as the stock reaches.
        rise = xp.minimum(want - below, left / (len(ordered) - rank))
        level = level + rise
        left = left - rise * (len(ordered) - rank)
        below = want
    return xp.minimum(wanted, level)
