"""Chinese import clearance of foreign accelerators: window guidance, by state of the gate, class of chip and of buyer.

Given by MIIT, MOFCOM, NDRC and the cyberspace administration to firms, and by customs to agents at the ports.
It holds, rations or frees imports, asks why home supply will not do, and bars public and sensitive users.
Cited: press reports only; no rule text was ever published (import.process.no_published_rule).

Validity: goods that enter the mainland; Hong Kong and places abroad are outside Chinese customs.
"""

from __future__ import annotations

from dualtrack.rules.conditions import Named, declared, switched_on
from dualtrack.rules.rulebook import Rule, Subject
from dualtrack.rules.states import CHINA_BLOCKED, CHINA_OPEN, CHINA_QUOTA, CHINA_RATIONED
from dualtrack.rules.terms import constant, field, param

SUBJECT = Subject(
    "china.import",
    ("no_restriction", "conditional", "held", "refused"),
    bars=("held", "refused"),
)

_gate = field("china.gate")
BLOCKED = _gate == constant(CHINA_BLOCKED)
RATIONED = _gate == constant(CHINA_RATIONED)
QUOTA = _gate == constant(CHINA_QUOTA)
OPEN = _gate == constant(CHINA_OPEN)

_enters = declared("order.enters_mainland")
# The reports of December 2025 and January 2026 are about H200; chips below that class are named one by one.
H200_CLASS = Named(
    "the chip is of H200 class",
    "the chip is below H200 class",
    field("chip.tpp") >= param("china.h200_class.tpp_min"),
)
_ASKED = _enters & H200_CLASS
BARRED_CLASS = (
    declared("buyer.military_links")
    | declared("buyer.sensitive_government")
    | declared("buyer.critical_infrastructure")
    | declared("buyer.state_owned")
)
_domestic_share = param("china.state_funded_domestic_share")
STATE_FUNDED = _enters & declared("buyer.state_funded")
# A reported approval says that the buyer may import; that customs were told to let nothing in was not withdrawn.
HELD = (switched_on("china.customs_hold.in_force") & ~declared("buyer.import_approved")) | BLOCKED
NEED_UNMET = declared("order.need_unmet_at_home")
_limited = (RATIONED | QUOTA) & ~HELD

_JANUARY = "Bloomberg, 24 January 2026; Reuters, 28 January 2026"

RULES = (
    Rule(
        "china.not_entering",
        "china.import",
        ~_enters,
        "no_restriction",
        "Hong Kong and places abroad are outside the customs of the mainland",
        ("import.process.agencies",),
    ),
    Rule(
        "china.customs_hold",
        "china.import",
        _ASKED & HELD,
        "held",
        "Reuters, 14 January 2026",
        ("import.h200.customs_block",),
    ),
    Rule(
        "china.need_met_at_home",
        "china.import",
        _ASKED & _limited & ~NEED_UNMET,
        "refused",
        "Financial Times, 10 December 2025; The Information, 14 January 2026",
        ("import.h200.limits_discussed", "import.h200.special_cases"),
    ),
    Rule(
        "china.conditional",
        "china.import",
        _ASKED & _limited & NEED_UNMET,
        "conditional",
        _JANUARY,
        ("import.process.conditions", "import.h200.first_batch", "import.h200.prelim_approval"),
        steps=("order.import_cleared", "order.domestic_purchase_made"),
    ),
    Rule(
        "china.no_restriction",
        "china.import",
        _enters & (~H200_CLASS | (OPEN & ~HELD)),
        "no_restriction",
        "no restriction on the class was reported by then",
        ("import.process.no_published_rule",),
    ),
    Rule(
        "china.barred_class",
        "china.import",
        _ASKED & BARRED_CLASS,
        "refused",
        "Bloomberg and Reuters, 8 January 2026",
        ("import.process.barred_users", "import.process.conditions"),
        switched_on("china.buyer_bars.in_force"),
        overlay=True,
    ),
    Rule(
        "china.orders_paused",
        "china.import",
        _ASKED,
        "held",
        "The Information, 7 January 2026: some firms were asked to halt orders",
        ("import.h200.orders_paused",),
        switched_on("china.orders_paused.in_force"),
        overlay=True,
    ),
    Rule(
        "china.state_funded",
        "china.import",
        STATE_FUNDED,
        "refused",
        "Reuters, 5 November 2025",
        ("import.state_dc.ban",),
        _domestic_share >= constant(1),
        overlay=True,
    ),
    Rule(
        "china.state_funded_share",
        "china.import",
        STATE_FUNDED,
        "conditional",
        "South China Morning Post, 18 August 2025",
        ("import.dc50.rule",),
        (_domestic_share > constant(0)) & (_domestic_share < constant(1)),
        overlay=True,
        steps=("order.domestic_purchase_made",),
    ),
    Rule(
        "china.h20_guidance",
        "china.import",
        _enters & declared("chip.named.h20"),
        "conditional",
        "Reuters, 12 August 2025: no formal order; The Information has three firms told to suspend purchases",
        ("import.h20.guidance",),
        switched_on("china.h20_guidance.in_force"),
        overlay=True,
        steps=("order.need_unmet_at_home",),
    ),
    Rule(
        "china.rtx_pro_6000d_cancelled",
        "china.import",
        _enters & declared("chip.named.rtx_pro_6000d"),
        "refused",
        "Reuters and Financial Times, 17 September 2025",
        ("import.rtx6000d.order",),
        switched_on("china.rtx_pro_6000d.in_force"),
        overlay=True,
    ),
    Rule(
        "china.customs_checks",
        "china.import",
        _enters & (declared("chip.named.h20") | declared("chip.named.rtx_pro_6000d")),
        "conditional",
        "Financial Times, 11 October 2025; the checks were said to be widened to other chips",
        ("import.customs.crackdown",),
        switched_on("china.customs_checks.in_force"),
        overlay=True,
        steps=("order.import_cleared",),
    ),
)
