"""Fields of an order that meets every condition, to be changed one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

from dualtrack.entities import find_chip
from dualtrack.rules import Environment, Rulebook
from dualtrack.rules.fields import chip_fields

GOOD_ORDER: dict[str, Any] = {
    "order.destination_is_china": True,
    "order.enters_mainland": True,
    "order.exported_from_us": True,
    "order.us_units_disclosed": True,
    "order.military_end_use": False,
    "order.end_use_barred": False,
    "order.levy_exempt_use": False,
    "order.us_supply_sufficient": True,
    "order.no_foundry_diversion": True,
    "order.end_use_permitted": True,
    "order.kyc": True,
    "order.remote_users_disclosed": True,
    "order.no_weight_transfer": True,
    "order.no_algorithm_access": True,
    "order.third_party_test": True,
    "order.need_unmet_at_home": True,
    "buyer.headquartered_in_d5": True,
    "buyer.military_links": False,
    "buyer.sensitive_government": False,
    "buyer.critical_infrastructure": False,
    "buyer.state_owned": False,
    "buyer.state_funded": False,
    "buyer.listed": False,
    "buyer.listed_owner_share": 0.0,
    "buyer.import_approved": False,
    "china.gate": 3,
}


def order_fields(chip: str = "nvidia.h200_sxm", **changes: Any) -> dict[str, Any]:
    """A good order of the chip; `chip__tpp=1` changes the field chip.tpp."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return GOOD_ORDER | chip_fields(find_chip(chip)) | named


def asked(rulebook: Rulebook, day: date, chip: str = "nvidia.h200_sxm", **changes: Any) -> Environment:
    """The environment of such an order under the rules of a day."""
    return Environment(order_fields(chip, **changes), rulebook.parameters_on(day))


def outcome(rulebook: Rulebook, subject: str, day: date, **changes: Any) -> str:
    """The name of the outcome of one order."""
    environment = asked(rulebook, day, **changes)
    return rulebook.subject(subject).outcomes[int(rulebook.outcome(subject, environment))]
