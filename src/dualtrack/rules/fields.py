"""The fields of rules that a chip, a buyer and an order give."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from dualtrack.entities import Buyer, Chip
from dualtrack.facts.book import DATA_DIR
from dualtrack.rules.environment import Span
from dualtrack.yaml_files import load_document

NAMED_CHIPS_FILE: Final = DATA_DIR / "named_chips.yaml"

# Hong Kong and Macau are China for the US rules and outside the customs of the mainland.
IN_CHINA: Final = ("mainland", "hong_kong")
DESTINATIONS: Final = (*IN_CHINA, "offshore")
GOVERNMENT: Final = "government"
MILITARY: Final = "military"
END_USES: Final = ("commercial", "research", GOVERNMENT, MILITARY)
CHIP_FIGURES: Final = (
    "chip.tpp",
    "chip.performance_density",
    "chip.dram_bandwidth_gbps",
    "chip.interconnect_gbps",
    "chip.commercially_available_us",
    "chip.designed_for_data_centre",
)
_HEADQUARTERS_COVERED: Final = ("CN", "HK", "MO")


@lru_cache(maxsize=1)
def named_chips() -> Mapping[str, frozenset[str]]:
    """Ids of the chips that each letter or instruction names."""
    rows: Mapping[str, Any] = load_document(NAMED_CHIPS_FILE).data
    return {name: frozenset(row["chips"]) for name, row in rows.items()}


def chip_fields(chip: Chip) -> dict[str, Any]:
    """What rules ask of a chip, with the middle figures of estimates; None where nothing is published."""
    return {
        "chip.tpp": chip.tpp,
        "chip.performance_density": chip.performance_density,
        "chip.dram_bandwidth_gbps": chip.memory_bandwidth_gbps,
        "chip.interconnect_gbps": chip.interconnect_gbps,
        "chip.commercially_available_us": chip.commercially_available_us,
        "chip.designed_for_data_centre": chip.designed_for_data_centre,
        **{f"chip.named.{name}": chip.id in ids for name, ids in named_chips().items()},
    }


def chip_spans(chip: Chip) -> dict[str, Span]:
    """The figures of a chip from least to greatest; without bounds where nothing is published."""
    middle = chip_fields(chip)
    ranges = {
        "chip.tpp": chip.tpp_span,
        "chip.performance_density": chip.performance_density_span,
        "chip.dram_bandwidth_gbps": chip.memory_bandwidth_span,
    }
    return {name: _span(middle[name], ranges.get(name)) for name in CHIP_FIGURES}


def _span(value: float | bool | None, given: tuple[float, float] | None) -> Span:
    if value is None:
        return Span(-math.inf, math.inf)
    return Span(*(given or (float(value), float(value))))


def buyer_fields(buyer: Buyer, on: date) -> dict[str, Any]:
    """What rules ask of a buyer on a day; None where it is not known."""
    return {
        # The list of country group D:5 is not in the fact book, so of other countries nothing is said.
        "buyer.headquartered_in_d5": True if buyer.headquarters in _HEADQUARTERS_COVERED else None,
        "buyer.military_links": buyer.military_links,
        "buyer.listed": buyer.listed,
        "buyer.listed_owner_share": buyer.listed_owner_share,
        "buyer.sensitive_government": buyer.sensitive_government,
        "buyer.critical_infrastructure": buyer.critical_infrastructure,
        "buyer.state_owned": buyer.state_owned,
        "buyer.state_funded": buyer.state_funded,
        "buyer.import_approved": _approved(buyer, on),
    }


def _approved(buyer: Buyer, on: date) -> bool | None:
    if buyer.approved_on is None:
        return False if buyer.approval_is_known else None
    return buyer.approved_on <= on


def destination_fields(destination: str) -> dict[str, Any]:
    """What rules ask about where the chips go."""
    return {
        "order.destination_is_china": destination in IN_CHINA,
        "order.enters_mainland": destination == "mainland",
    }


def end_use_fields(end_use: str) -> dict[str, Any]:
    """What rules ask about what the chips are for."""
    return {"order.military_end_use": end_use == MILITARY, "order.levy_exempt_use": False}
