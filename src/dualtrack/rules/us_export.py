"""US export control of advanced chips for China: who needs a licence, and how it is reviewed.

Issued by the Bureau of Industry and Security, with letters to single companies before and between its rules.
It controls chips by performance and density and denies them; since 15 January 2026 some are reviewed.
Cited: 87 FR 62186, 88 FR 73458, 91 FR 1684; ECCN 3A090; 15 CFR 742.6, 744.11, 744.21, 748 supp. 2 (dd).

Validity: chips, since January 2022. Of part 744 it knows military users, listed users and their affiliates; it does not
know the supercomputer rule or 3A090.c. Buyers and destinations outside D:5 and Macau are taken to need a licence.
"""

from __future__ import annotations

from dualtrack.rules.conditions import ALWAYS, Named, declared, switched_on
from dualtrack.rules.rulebook import Limit, Rule, Subject
from dualtrack.rules.terms import constant, field, param

SUBJECT = Subject(
    "us.export",
    (
        "not_controlled",
        "exception_nac",
        "case_by_case",
        "licence_required",
        "presumption_of_denial",
        "prohibited",
    ),
    bars=("presumption_of_denial", "prohibited"),
)

_tpp = field("chip.tpp")
_density = field("chip.performance_density")
_dram_bandwidth = field("chip.dram_bandwidth_gbps")
_interconnect = field("chip.interconnect_gbps")
_data_centre = declared("chip.designed_for_data_centre")
_to_china = declared("order.destination_is_china")

# Firms headquartered in country group D:5 or Macau are covered wherever they are.
COVERED = _to_china | declared("buyer.headquartered_in_d5")

_reached_2022 = (_interconnect >= param("us.control_2022.interconnect_min")) & (
    _tpp >= param("us.control_2022.operations_min")
)
_band_a = (_tpp >= param("us.control.a1.tpp_min")) | (
    (_tpp >= param("us.control.a2.tpp_min")) & (_density >= param("us.control.a2.density_min"))
)
_band_b = (
    (_tpp >= param("us.control.b1.tpp_min"))
    & (_tpp < param("us.control.b1.tpp_max"))
    & (_density >= param("us.control.b1.density_min"))
    & (_density < param("us.control.b1.density_max"))
) | (
    (_tpp >= param("us.control.b2.tpp_min"))
    & (_density >= param("us.control.b2.density_min"))
    & (_density < param("us.control.b2.density_max"))
)
CONTROLLED_2022 = Named(
    "the chip reaches the thresholds of October 2022",
    "the chip does not reach the thresholds of October 2022",
    _reached_2022,
)
CONTROLLED_A = Named("the chip is in band a", "the chip is not in band a", _band_a)
CONTROLLED_B = Named("the chip is in band b", "the chip is not in band b", _band_b)
_note_2 = ~_data_centre & (_tpp < param("us.control.note_2.tpp_max"))
NOTE_2 = Named("note 2 frees the chip", "note 2 does not free the chip", _note_2)
# Licence Exception Notified Advanced Computing, whoever the buyer is.
EXCEPTION_NAC = Named(
    "the notified exception covers the chip",
    "the notified exception does not cover the chip",
    ((CONTROLLED_A & ~_data_centre) | (~CONTROLLED_A & CONTROLLED_B & _data_centre)) & ~NOTE_2,
)

# The letters are not public; companies reported the products, and the measure as what H20 reaches.
_letter_reached = (
    (_dram_bandwidth >= param("us.letter.dram_bandwidth_min"))
    | (_interconnect >= param("us.letter.interconnect_min"))
    | (_dram_bandwidth + _interconnect >= param("us.letter.combined_min"))
)
LETTER_REACHED = Named(
    "a letter of 2025 covers the chip",
    "no letter of 2025 covers the chip",
    declared("chip.named.letter_2025") | _letter_reached,
)

REVIEW_IN_FORCE = switched_on("us.review.in_force")
WINDOW = (_tpp < param("us.review.tpp_ceiling")) & (
    _dram_bandwidth < param("us.review.dram_bandwidth_ceiling")
)
CERTIFICATIONS = (
    (declared("chip.commercially_available_us") | ~switched_on("us.review.availability_required"))
    & declared("order.exported_from_us")
    & declared("order.us_units_disclosed")
    & declared("order.us_supply_sufficient")
    & declared("order.no_foundry_diversion")
    & declared("order.end_use_permitted")
    & declared("order.kyc")
    & declared("order.remote_users_disclosed")
    & declared("order.no_weight_transfer")
    & declared("order.no_algorithm_access")
    & declared("order.third_party_test")
)
REVIEWED = Named(
    "the order meets every condition of case-by-case review",
    "the order misses a condition of case-by-case review",
    WINDOW & CERTIFICATIONS & _to_china,
)
US_CASE_BY_CASE = REVIEW_IN_FORCE & REVIEWED

_DENIED_CLASS = CONTROLLED_A & _data_centre & COVERED
_control_2022 = switched_on("us.control_2022.in_force")
_control = switched_on("us.control.in_force")

_RULE_2022 = "87 FR 62186; 15 CFR 742.6, 744.23, 774 supp. 1 ECCN 3A090"
_RULE_2023 = "88 FR 73458; ECCN 3A090, 4A090; 15 CFR 742.6(a)(6), 744.23(a)(3)"
_RULE_2026 = "91 FR 1684; 15 CFR 742.6(b)(10)(iii)(A)(1), 748 supp. 2 (dd)"

# A100 and its successors, by what an A100 reaches.
LETTER_2022_REACHED = Named(
    "a letter of 2022 covers the chip",
    "no letter of 2022 covers the chip",
    declared("chip.named.letter_2022")
    | (
        (_tpp >= param("us.letter_2022.operations_min"))
        & (_interconnect >= param("us.letter_2022.interconnect_min"))
    ),
)
_bars = switched_on("us.end_user_bars.in_force")

RULES = (
    Rule(
        "us.no_control",
        "us.export",
        ALWAYS,
        "not_controlled",
        "no control of chips by performance before 7 October 2022",
        ("export.rule_2022_10.header",),
        switched_on("us.no_control.in_force"),
    ),
    Rule(
        "us.letter_2022.licence_required",
        "us.export",
        LETTER_2022_REACHED & _to_china,
        "licence_required",
        "letters to the companies of 26 August 2022; not in the Federal Register",
        ("export.letter_2022_08.header",),
        switched_on("us.letter_2022.in_force"),
        overlay=True,
        steps=("order.licence_granted",),
    ),
    Rule(
        "us.control_2022.presumption_of_denial",
        "us.export",
        CONTROLLED_2022 & _to_china,
        "presumption_of_denial",
        _RULE_2022,
        ("export.rule_2022_10.header",),
        _control_2022,
    ),
    Rule(
        "us.control_2022.not_controlled",
        "us.export",
        ~CONTROLLED_2022 | ~_to_china,
        "not_controlled",
        _RULE_2022,
        ("export.rule_2022_10.header",),
        _control_2022,
    ),
    Rule(
        "us.control.not_controlled",
        "us.export",
        (~CONTROLLED_A & ~CONTROLLED_B) | NOTE_2,
        "not_controlled",
        _RULE_2023,
        ("export.rule_2023_10.header", "export.rule_2023_10.note2"),
        _control,
    ),
    Rule(
        "us.control.exception_nac",
        "us.export",
        EXCEPTION_NAC & COVERED,
        "exception_nac",
        f"{_RULE_2023}; 15 CFR 740.8, after notice to BIS",
        ("export.rule_2023_10.nac",),
        _control,
        steps=("order.notice_accepted",),
    ),
    Rule(
        "us.control.exception_nac_elsewhere",
        "us.export",
        EXCEPTION_NAC & ~COVERED,
        "exception_nac",
        f"{_RULE_2023}; 15 CFR 740.8",
        ("export.rule_2023_10.nac",),
        _control,
    ),
    Rule(
        "us.control.licence_elsewhere",
        "us.export",
        (CONTROLLED_A | CONTROLLED_B) & ~NOTE_2 & ~EXCEPTION_NAC & ~COVERED,
        "licence_required",
        _RULE_2023,
        ("export.rule_2023_10.header",),
        _control,
        steps=("order.licence_granted",),
    ),
    Rule(
        "us.control.presumption_of_denial",
        "us.export",
        _DENIED_CLASS,
        "presumption_of_denial",
        _RULE_2023,
        ("export.rule_2023_10.review_policy",),
        _control & ~REVIEW_IN_FORCE,
    ),
    Rule(
        "us.review.case_by_case",
        "us.export",
        _DENIED_CLASS & REVIEWED,
        "case_by_case",
        _RULE_2026,
        ("export.rule_2026_01.header",),
        _control & REVIEW_IN_FORCE,
        steps=("order.licence_granted",),
    ),
    Rule(
        "us.review.presumption_of_denial",
        "us.export",
        _DENIED_CLASS & ~REVIEWED,
        "presumption_of_denial",
        _RULE_2026,
        ("export.rule_2026_01.header",),
        _control & REVIEW_IN_FORCE,
    ),
    Rule(
        "us.letter.licence_required",
        "us.export",
        ~CONTROLLED_A & LETTER_REACHED & COVERED,
        "licence_required",
        "letters to the companies of April 2025; not in the Federal Register",
        ("export.h20_2025_04.header", "export.mi308_2025_04.charge"),
        switched_on("us.letter.in_force"),
        overlay=True,
        steps=("order.licence_granted",),
    ),
    Rule(
        "us.end_user.military",
        "us.export",
        (declared("order.military_end_use") | declared("buyer.military_links")) & COVERED,
        "prohibited",
        "15 CFR 744.21; 748 supp. 2 (dd)",
        ("export.rule_2026_01.cond.end_use",),
        _bars,
        overlay=True,
    ),
    Rule(
        "us.end_user.prohibited_use",
        "us.export",
        # Inside band a the refused statement brings back the presumption of denial instead.
        declared("order.end_use_barred") & COVERED & ~CONTROLLED_A,
        "prohibited",
        "15 CFR 744",
        ("export.rule_2026_01.cond.end_use",),
        _bars & _control,
        overlay=True,
    ),
    Rule(
        "us.end_user.listed",
        "us.export",
        declared("buyer.listed"),
        "prohibited",
        "15 CFR 744.11, supp. 4 (Entity List)",
        ("export.affiliates.header",),
        _bars,
        overlay=True,
    ),
    Rule(
        "us.end_user.affiliates",
        "us.export",
        field("buyer.listed_owner_share") >= param("us.affiliates.ownership_min"),
        "prohibited",
        "Affiliates Rule, 29 September 2025; stayed from 10 November 2025 to 9 November 2026",
        ("export.affiliates.header", "export.affiliates.ownership_min", "export.affiliates.stay"),
        switched_on("us.affiliates.in_force"),
        overlay=True,
    ),
)

LIMITS = (
    Limit(
        "us.share_limit",
        "aggregate performance sent to China and Macau, against the same product shipped for use in the US",
        "us",
        "total",
        "cumulative",
        weight=_tpp,
        used=field("us.committed_units") * _tpp,
        ceiling=param("us.share.limit") * field("us.domestic_units") * _tpp,
        in_force=REVIEW_IN_FORCE,
        # Chips released under a letter, such as H20, have no share limit.
        applies=CONTROLLED_A,
        citation="15 CFR 748 supp. 2 (dd)(1)(iii)",
        facts=("export.rule_2026_01.volume_cap",),
    ),
    Limit(
        "us.buyer_cap",
        "units that one buyer may be licensed in all",
        "us",
        "buyer",
        "cumulative",
        weight=constant(1),
        used=field("buyer.committed_units"),
        ceiling=param("us.buyer_cap.units"),
        in_force=REVIEW_IN_FORCE,
        applies=CONTROLLED_A,
        citation="none published by 31 January 2026",
    ),
)
