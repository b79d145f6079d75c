"""A chip or a buyer of the user's own, from a mapping of a YAML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError

from dualtrack.entities import BITS, Buyer, BuyerClass, Chip, load_buyers
from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.yaml_files import Document, load_document

Rate = PositiveFloat
RANGED: Final = ("memory_bandwidth_gbps", "die_area_mm2")


class _ChipForm(BaseModel):
    """The figures of a chip that rules read; rates are dense, in TFLOPS or TOPS of the package."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "own chip"
    vendor: str = "own"
    country: Literal["US", "CN", "other"] = "US"
    dense_tflops: dict[str, Rate] = {}
    memory_bandwidth_gbps: PositiveFloat | None = None
    interconnect_gbps: float | None = Field(default=None, ge=0)
    die_area_mm2: PositiveFloat | None = None
    commercially_available_us: bool | None = None
    designed_for_data_centre: bool = True
    ranges: dict[str, tuple[PositiveFloat, PositiveFloat]] = {}


class BuyerForm(BaseModel):
    """A buyer as rules see it; what is left out is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = None
    headquarters: str = Field(pattern="^[A-Za-z]{2}$")
    buyer_class: BuyerClass = "next_tier"
    priority: int | None = Field(default=None, ge=1)
    military_links: bool | None = None
    listed: bool | None = None
    listed_owner_share: float | None = Field(default=None, ge=0, le=1)
    sensitive_government: bool | None = None
    critical_infrastructure: bool | None = None
    state_owned: bool | None = None
    state_funded: bool | None = None
    approved_on: date | None = None

    def buyer(self, key: str) -> Buyer:
        """The buyer of that id; without a priority of its own it is served after those of the catalogue."""
        given = self.model_dump()
        last = 1 + max(buyer.priority for buyer in load_buyers())
        given |= {"headquarters": self.headquarters.upper(), "priority": self.priority or last}
        given |= {"name": self.name or key, "approval_is_known": self.approved_on is not None}
        return Buyer(id=key, sealed_name="Buyer", **given)


def own_chip(key: str, raw: Mapping[str, Any], document: Document | None, at: Sequence[str]) -> Chip:
    """A chip with the figures given; everything else is not known.

    Raises:
        DataFault: The figures do not fit the form; every fault is listed.
    """
    form = _read(_ChipForm, raw, document, at, "chip", _name_faults(raw, document, at))
    unknown: dict[str, Any] = dict.fromkeys(
        (
            *("architecture", "process_node", "foundry", "announced", "first_shipped", "memory_gb"),
            *("memory_type", "tdp_w", "transistors", "price_usd", "notes"),
        )
    )
    return Chip(
        id=key,
        aliases=(),
        known_by=date.min,
        status="own",
        market="own",
        estimated_fields=(),
        sources=(),
        **unknown,
        **form.model_dump(),
    )


def own_chips(path: Path) -> list[Chip]:
    """The chips of a file: one entry each, by the name they are to have.

    Raises:
        DataFault: The file cannot be read, or an entry does not fit; all faults are listed.
    """
    document = load_document(path)
    if not isinstance(document.data, dict) or not all(isinstance(e, dict) for e in document.data.values()):
        raise DataFault(f"{document.label}: wanted one entry for each chip, `name: {{dense_tflops: ...}}`.")
    chips, faults = [], []
    for key, entry in document.data.items():
        try:
            chips.append(own_chip(key, {"name": key, **entry}, document, (key,)))
        except DataFault as error:
            faults.append(Fault(str(error).partition("\n")[2].strip() or str(error)))
    raise_gathered(faults, DataFault, "The chips cannot be used.")
    return chips


def own_buyer(key: str, raw: Mapping[str, Any], document: Document | None, at: Sequence[str]) -> Buyer:
    """A buyer with the attributes given; the rest is not known.

    Raises:
        DataFault: The attributes do not fit the form; every fault is listed.
    """
    # A page says for whom an order is; in an order book the id does.
    nameless = [] if raw.get("name") else [_placed("is missing.", document, (*at, "name"))]
    form: BuyerForm = _read(BuyerForm, raw, document, at, "buyer", nameless)
    return form.buyer(key)


def _name_faults(raw: Mapping[str, Any], document: Document | None, at: Sequence[str]) -> list[Fault]:
    """Rates and ranges under names that are none, and ranges the wrong way round."""
    given = {key: raw.get(key) for key in ("dense_tflops", "ranges")}
    rates, ranges = ({} if not isinstance(value, dict) else value for value in given.values())
    known = [*RANGED, *(f"dense_tflops.{name}" for name in rates)]
    found: list[tuple[str, str, str]] = []
    for name in rates:
        if name not in BITS:
            hint = f"{nearest(str(name), BITS)} Known: {', '.join(BITS)}."
            found.append(("dense_tflops", name, f"there is no precision {name!r}.{hint}"))
    for name, span in ranges.items():
        if name not in known:
            hint = f"{nearest(str(name), known)} Known: {', '.join(known)}."
            found.append(("ranges", name, f"no range can be given for {name!r}.{hint}"))
        elif _is_reversed(span):
            found.append(
                ("ranges", name, f"runs from {span[0]:g} down to {span[1]:g}. Put the lesser first.")
            )
    return [_placed(what, document, (*at, key, str(name))) for key, name, what in found]


def _is_reversed(span: Any) -> bool:
    is_pair = isinstance(span, list) and len(span) == 2 and all(isinstance(end, int | float) for end in span)
    return is_pair and span[0] > span[1]


def _placed(what: str, document: Document | None, place: Sequence[str]) -> Fault:
    if document is None:
        return Fault(what, key=".".join(place))
    return Fault(what, document.label, document.line(place), ".".join(place))


def _read(
    form: type[Any],
    raw: Mapping[str, Any],
    document: Document | None,
    at: Sequence[str],
    what: str,
    found: Sequence[Fault] = (),
) -> Any:
    faults = list(found)
    read = None
    try:
        read = form.model_validate(dict(raw))
    except ValidationError as error:
        faults += [_fault(item, document, at, list(form.model_fields)) for item in error.errors()]
    raise_gathered(faults, DataFault, f"The {what} cannot be used.")
    return read


def _fault(item: Any, document: Document | None, at: Sequence[str], known: Sequence[str]) -> Fault:
    name = str(item["loc"][0]) if item["loc"] else ""
    words = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        words = f"there is no field {name!r}.{nearest(name, known)} Known: {', '.join(known)}."
    elif item["type"] == "missing":
        words = "is missing."
    elif item["type"] != "value_error":
        words = f"{item['input']!r} does not fit: {words}."
    place = (*at, *(str(part) for part in item["loc"]))
    return _placed(words, document, place)
