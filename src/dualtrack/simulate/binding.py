"""Which limit holds imports back in a month: the one that stands nearest to the goods."""

from __future__ import annotations

from typing import Any

from dualtrack.simulate.arrays import Array, Values, total
from dualtrack.simulate.month import Month
from dualtrack.simulate.permits import Permits

REASONS = (
    "none",
    "us_gate",
    "china_gate",
    "licence",
    "share_limit",
    "buyer_cap",
    "tranche",
    "batch_quota",
    "ratio",
    "budget",
    "stock",
)
LEAST_UNITS = 1.0
NEARLY_NONE = 0.01


def binding(
    month: Month, state: Values, given: Permits, firm: Array, stock: Array, budget: Array, price: Array
) -> Array:
    """Index into REASONS, shape (path,).

    Shut gates come first. With goods ordered and no stock left it is the stock; otherwise it is money,
    then the paper that buyers lack.
    """
    xp = month.xp
    want, waiting = total(given.want), total(firm)
    little = NEARLY_NONE * want + LEAST_UNITS
    ratio_or_batch = xp.where(given.left_batch < little, _at(xp, "batch_quota"), _at(xp, "ratio"))
    clearance = xp.where(month.china == 1, _at(xp, "tranche"), ratio_or_batch)
    licence = xp.where(
        given.left_share < little,
        _at(xp, "share_limit"),
        xp.where(
            total(xp.minimum(given.left_cap, given.want)) < little, _at(xp, "buyer_cap"), _at(xp, "licence")
        ),
    )
    lacks_licence = (total(given.valid) < xp.maximum(total(given.clear), little)) | (month.china == 3)
    paper = xp.where(lacks_licence, licence, clearance)
    short_of_money = total(xp.minimum(budget / price, given.want)) < little
    reason = xp.where(short_of_money, _at(xp, "budget"), paper)
    reason = xp.where((waiting > LEAST_UNITS) & (stock < LEAST_UNITS), _at(xp, "stock"), reason)
    reason = xp.where(want + waiting < LEAST_UNITS, _at(xp, "none"), reason)
    reason = xp.where(month.china == 0, _at(xp, "china_gate"), reason)
    return xp.where(month.us == 0, _at(xp, "us_gate"), reason)


def _at(xp: Any, reason: str) -> Array:
    return xp.asarray(float(REASONS.index(reason)))
