"""The share of revenue that the United States expected from chips released under the letters of April 2025.

Announced by the President on 11 August 2025, with the first licences for H20; no regulation followed.
The vendor was to pay 15 % of what it earns in China on H20 and MI308.
Cited: press of 11 August 2025 and the vendor's annual report; its legality is disputed.
"""

from __future__ import annotations

from dualtrack.rules.conditions import ALWAYS, switched_on
from dualtrack.rules.rulebook import Rule, Subject
from dualtrack.rules.us_export import CONTROLLED_A, COVERED, LETTER_REACHED

SUBJECT = Subject("us.arrangement", ("no_share", "share_expected"))

SHARE_EXPECTED = ~CONTROLLED_A & LETTER_REACHED & COVERED

_in_force = switched_on("us.arrangement.in_force")
_FACTS = ("export.share_2025_08.rate", "export.h20_2025_08.licences")
_CITATION = "announced on 11 August 2025; no regulation was published"

RULES = (
    Rule(
        "us.arrangement.due", "us.arrangement", SHARE_EXPECTED, "share_expected", _CITATION, _FACTS, _in_force
    ),
    Rule(
        "us.arrangement.outside", "us.arrangement", ~SHARE_EXPECTED, "no_share", _CITATION, _FACTS, _in_force
    ),
    Rule(
        "us.arrangement.not_yet",
        "us.arrangement",
        ALWAYS,
        "no_share",
        "no such arrangement before 11 August 2025",
        ("export.share_2025_08.rate",),
        ~_in_force,
    ),
)
