"""Chinese limits on quantity: a tranche per firm, batches of a quota, and the domestic purchase ratio.

Attributed to NDRC, MIIT and MOFCOM by unnamed sources.
A firm gets a small tranche each month, or a share of a released batch against domestic chips bought.
Cited: press reports of December 2025 and January 2026; neither tranche nor ratio was ever published.
"""

from __future__ import annotations

from dualtrack.rules.china_import import H200_CLASS, QUOTA, RATIONED
from dualtrack.rules.conditions import switched_on
from dualtrack.rules.rulebook import Limit
from dualtrack.rules.terms import constant, field, param

_ratio = param("china.ratio.required")

LIMITS = (
    Limit(
        "china.tranche",
        "units that one firm may clear in a month",
        "china",
        "buyer",
        "month",
        weight=constant(1),
        used=field("buyer.cleared_this_month"),
        ceiling=param("china.tranche.units"),
        in_force=RATIONED,
        applies=H200_CLASS,
        citation="Nikkei Asia, 15 January 2026: quantities firm by firm",
        facts=("import.h200.cap_rules_drafted",),
    ),
    Limit(
        "china.batch_quota",
        "units cleared out of the batches released so far",
        "china",
        "total",
        "cumulative",
        weight=constant(1),
        used=field("china.cleared_of_batches"),
        ceiling=field("china.batches_released_units"),
        in_force=QUOTA,
        applies=H200_CLASS,
        citation="Reuters, 28 January 2026",
        facts=("import.h200.first_batch",),
    ),
    Limit(
        "china.domestic_ratio",
        "domestic chips delivered, against those that clearances ask for, in the weight of the ratio's basis",
        "china",
        "buyer",
        "cumulative",
        weight=_ratio * field("order.ratio_weight"),
        used=_ratio * field("buyer.ratio_cleared"),
        ceiling=field("buyer.ratio_credit"),
        in_force=QUOTA | (switched_on("china.ratio.everywhere") & RATIONED),
        applies=H200_CLASS,
        citation="Bloomberg, 24 January 2026; Nikkei Asia, 15 January 2026; no figure published",
        facts=("import.ratio.official", "import.ratio.report.2026_01_23_amount"),
    ),
)
