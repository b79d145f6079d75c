"""Chinese import clearance of foreign accelerators: window guidance, by state of the gate and class of buyer.

Given by MIIT, MOFCOM, NDRC and the cyberspace administration to firms, and by customs to agents at the ports.
It holds, rations or frees imports, asks why home supply will not do, and bars public and sensitive users.
Cited: press reports only; no rule text was ever published (import.process.no_published_rule).
"""

from __future__ import annotations

from dualtrack.rules.conditions import declared, switched_on
from dualtrack.rules.rulebook import Rule, Subject
from dualtrack.rules.states import CHINA_BLOCKED, CHINA_OPEN, CHINA_QUOTA, CHINA_RATIONED
from dualtrack.rules.terms import constant, field, param

SUBJECT = Subject("china.import", ("no_restriction", "conditional", "held", "refused"))

_gate = field("china.gate")
BLOCKED = _gate == constant(CHINA_BLOCKED)
RATIONED = _gate == constant(CHINA_RATIONED)
QUOTA = _gate == constant(CHINA_QUOTA)
OPEN = _gate == constant(CHINA_OPEN)

BARRED_CLASS = (
    declared("buyer.military_links")
    | declared("buyer.sensitive_government")
    | declared("buyer.critical_infrastructure")
    | declared("buyer.state_owned")
)
STATE_FUNDED_BARRED = declared("buyer.state_funded") & (
    param("china.state_funded_domestic_share") >= constant(1)
)
HELD = switched_on("china.customs_hold.in_force") | BLOCKED
NEED_UNMET = declared("order.need_unmet_at_home")

RULES = (
    Rule(
        "china.barred_class",
        "china.import",
        BARRED_CLASS,
        "refused",
        "Bloomberg and Reuters, 8 January 2026",
        ("import.process.barred_users", "import.process.conditions"),
        switched_on("china.buyer_bars.in_force"),
    ),
    Rule(
        "china.state_funded",
        "china.import",
        STATE_FUNDED_BARRED,
        "refused",
        "Reuters, 5 November 2025",
        ("import.state_dc.ban",),
    ),
    Rule(
        "china.need_met_at_home",
        "china.import",
        (RATIONED | QUOTA) & ~NEED_UNMET,
        "refused",
        "Financial Times, 10 December 2025; The Information, 14 January 2026",
        ("import.h200.limits_discussed", "import.h200.special_cases"),
    ),
    Rule(
        "china.customs_hold",
        "china.import",
        HELD,
        "held",
        "Reuters, 14 January 2026",
        ("import.h200.customs_block",),
    ),
    Rule(
        "china.conditional",
        "china.import",
        (RATIONED | QUOTA) & NEED_UNMET,
        "conditional",
        "Bloomberg, 24 January 2026; Reuters, 28 January 2026",
        ("import.process.conditions", "import.h200.first_batch"),
    ),
    Rule(
        "china.no_restriction",
        "china.import",
        OPEN,
        "no_restriction",
        "no restriction reported before 31 July 2025",
        ("import.process.no_published_rule",),
    ),
)
