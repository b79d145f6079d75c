"""The frozen nouns: a chip with the measures derived from it, a buyer, an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal

from dualtrack.errors import DataFault, UnknownLabel, nearest, raise_gathered
from dualtrack.facts.book import DATA_DIR, Source
from dualtrack.facts.check import chip_faults
from dualtrack.facts.ranges import Range, range_of
from dualtrack.facts.reading import read_sources
from dualtrack.yaml_files import load_document

# Bit length of each precision that counts for TPP. tf32 stays out: 19 or 32 bits is unsettled.
BITS: Final[Mapping[str, int]] = MappingProxyType(
    {"fp8": 8, "int8": 8, "fp16_bf16": 16, "fp6": 6, "fp4": 4, "fp64": 64}
)

# The H100 SXM, against which the weights are taken: dense TFLOPS at 8 and 16 bit, memory in GB/s.
H100_RATE_8BIT: Final = 1979.0
H100_RATE_16BIT: Final = 989.5
H100_BANDWIDTH: Final = 3350.0
H100_RIDGE_8BIT: Final = H100_RATE_8BIT * 1e12 / (H100_BANDWIDTH * 1e9)  # FLOP per byte

BuyerClass = Literal["internet", "next_tier", "state", "research"]


@dataclass(frozen=True)
class Price:
    """US dollars for one accelerator without its server."""

    low: float
    mid: float
    high: float
    on: str
    basis: str | None = None

    def range(self) -> Range:
        return range_of(self.low, self.mid, self.high, "usd_per_chip")


@dataclass(frozen=True)
class ChipSource:
    """Which fields of a chip a source covers, and how far it is trusted on them."""

    fields: tuple[str, ...]
    source: Source
    confidence: str
    note: str | None = None


@dataclass(frozen=True)
class Chip:
    """An accelerator as sold. Rates are dense; a derived measure is None where an input is not known.

    `dense_tflops` by precision, in TFLOPS or TOPS; memory in GB, bandwidths in GB/s, power in W, die area
    in mm2. `ranges` gives 10th and 90th percentile of figures that are not published.
    """

    id: str
    vendor: str
    name: str
    country: str
    aliases: tuple[str, ...]
    known_by: date
    architecture: str | None
    process_node: str | None
    foundry: str | None
    announced: str | None
    first_shipped: str | None
    status: str
    market: str
    dense_tflops: Mapping[str, float] = field(hash=False)
    memory_gb: float | None
    memory_type: str | None
    memory_bandwidth_gbps: float | None
    interconnect_gbps: float | None
    tdp_w: float | None
    die_area_mm2: float | None
    transistors: float | None
    price_usd: Price | None
    commercially_available_us: bool | None
    designed_for_data_centre: bool
    ranges: Mapping[str, tuple[float, float]] = field(hash=False)
    estimated_fields: tuple[str, ...]
    notes: str | None
    sources: tuple[ChipSource, ...]

    @cached_property
    def _performance(self) -> tuple[float, str] | None:
        rates = {name: rate * BITS[name] for name, rate in self.dense_tflops.items() if name in BITS}
        if not rates:
            return None
        # Of precisions with the same product the first in the order of BITS is named.
        best = max((name for name in BITS if name in rates), key=lambda name: rates[name])
        return rates[best], best

    @property
    def tpp(self) -> float | None:
        """Total processing performance: highest dense rate times bit length (15 CFR 774 supp. 1, 3A090)."""
        return self._performance[0] if self._performance else None

    @property
    def tpp_set_by(self) -> str | None:
        """The precision that sets the TPP."""
        return self._performance[1] if self._performance else None

    @property
    def performance_density(self) -> float | None:
        """TPP by die area, per mm2."""
        return _ratio(self.tpp, self.die_area_mm2)

    @property
    def tpp_span(self) -> tuple[float, float] | None:
        """Least and greatest TPP where a rate is known as a range."""
        spans = [
            tuple(BITS[name] * bound for bound in self.ranges.get(f"dense_tflops.{name}", (rate, rate)))
            for name, rate in self.dense_tflops.items()
            if name in BITS
        ]
        return (max(span[0] for span in spans), max(span[1] for span in spans)) if spans else None

    @property
    def performance_density_span(self) -> tuple[float, float] | None:
        """Least and greatest TPP per mm2 where a rate or the die area is known as a range."""
        if self.tpp_span is None or not self.die_area_mm2:
            return None
        smallest, largest = self.ranges.get("die_area_mm2", (self.die_area_mm2, self.die_area_mm2))
        return self.tpp_span[0] / largest, self.tpp_span[1] / smallest

    @property
    def memory_bandwidth_span(self) -> tuple[float, float] | None:
        """Least and greatest memory bandwidth in GB/s where it is known as a range."""
        if self.memory_bandwidth_gbps is None:
            return None
        given = (self.memory_bandwidth_gbps, self.memory_bandwidth_gbps)
        return self.ranges.get("memory_bandwidth_gbps", given)

    @property
    def rate_16bit(self) -> float | None:
        """Dense TFLOPS at 16 bit."""
        return self.dense_tflops.get("fp16_bf16")

    @property
    def rate_8bit(self) -> float | None:
        """Dense TFLOPS or TOPS at 8 bit, the better of floating point and integer."""
        rates = [self.dense_tflops[name] for name in ("fp8", "int8") if name in self.dense_tflops]
        return max(rates) if rates else None

    @property
    def has_fp8(self) -> bool:
        """Whether it multiplies 8-bit floating-point numbers, in which large models can be trained."""
        return "fp8" in self.dense_tflops

    @property
    def h100e(self) -> float | None:
        """H100 equivalents: by the 8-bit rate, or by the 16-bit rate of a chip without one."""
        if self.rate_8bit is not None:
            return self.rate_8bit / H100_RATE_8BIT
        return _ratio(self.rate_16bit, H100_RATE_16BIT)

    @property
    def training_weight(self) -> float | None:
        """H100 equivalents at 16 bit: no credit for a fast 8-bit integer or floating-point unit."""
        return _ratio(self.rate_16bit, H100_RATE_16BIT)

    @property
    def decode_weight(self) -> float | None:
        """Memory bandwidth against an H100: what serving one token at a time is bound by."""
        return _ratio(self.memory_bandwidth_gbps, H100_BANDWIDTH)

    @property
    def ridge(self) -> float | None:
        """FLOP per byte at 16 bit above which the chip is bound by compute, not by memory."""
        if self.rate_16bit is None or self.memory_bandwidth_gbps is None:
            return None
        return self.rate_16bit * 1e12 / (self.memory_bandwidth_gbps * 1e9)

    @property
    def tflops_per_watt(self) -> float | None:
        """Dense 16-bit TFLOPS per W of rated power."""
        return _ratio(self.rate_16bit, self.tdp_w)

    @property
    def usd_per_tflops(self) -> float | None:
        """Middle price in US dollars per dense 16-bit TFLOPS."""
        return _ratio(self.price_usd.mid if self.price_usd else None, self.rate_16bit)


@dataclass(frozen=True)
class Buyer:
    """A buyer in China. None: not known.

    Attributes:
        sealed_name: Shown instead of the name where a page is to name nobody.
        headquarters: Country code; firms of country group D:5 and Macau are covered wherever they are.
        listed: On the US Entity List.
        listed_owner_share: Part owned by listed parties, directly or not, alone or together.
        priority: Place in the order of serving, 1 first.
        approved_on: Day from which its imports of H200-class chips were reported approved.
        approval_is_known: Whether no such day means no report, as for the buyers of the catalogue.
        sources: Facts behind the attributes.
    """

    id: str
    name: str
    buyer_class: BuyerClass
    sealed_name: str
    headquarters: str
    military_links: bool | None
    listed: bool | None
    listed_owner_share: float | None
    sensitive_government: bool | None
    critical_infrastructure: bool | None
    state_owned: bool | None
    state_funded: bool | None
    priority: int
    approved_on: date | None = None
    approval_is_known: bool = True
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """Units of one chip for one buyer.

    Attributes:
        destination: mainland, hong_kong or offshore.
        end_use: commercial, research, government or military.
        price_usd: USD for a unit; None: the catalogue's price.
        declarations: Answers by field of the rules, `order.kyc`; what is not in it is not declared.
    """

    chip: Chip
    buyer: Buyer
    units: int
    destination: str
    end_use: str
    price_usd: float | None = None
    declarations: Mapping[str, bool] = field(default_factory=dict, hash=False)


@lru_cache(maxsize=1)
def load_chips() -> Mapping[str, Chip]:
    """The shipped chips by id.

    Raises:
        DataFault: The file is unsound; all faults are listed.
    """
    sources, faults = read_sources(DATA_DIR / "sources.yaml")
    document = load_document(DATA_DIR / "chips.yaml")
    faults += chip_faults(document, sources)
    raise_gathered(faults, DataFault, "The chips cannot be used.")
    return MappingProxyType({key: _chip(key, entry, sources) for key, entry in document.data.items()})


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    names = {}
    for chip in load_chips().values():
        for name in (chip.id, *chip.aliases):
            names[name.lower()] = chip.id
    return names


def find_chip(name: str) -> Chip:
    """The chip of that id or alias, whatever its case.

    Raises:
        UnknownLabel: No chip has the name; the nearest names are given.
    """
    chip_id = _names().get(name.strip().lower())
    if chip_id is None:
        raise UnknownLabel(f"Unknown chip {name!r}.{nearest(name.lower(), _names())}")
    return load_chips()[chip_id]


@lru_cache(maxsize=1)
def load_buyers() -> tuple[Buyer, ...]:
    """The shipped buyers, in the order of every buyer axis."""
    rows: Mapping[str, Any] = load_document(DATA_DIR / "buyers.yaml").data
    return tuple(Buyer(**{"id": key, **row, "sources": tuple(row["sources"])}) for key, row in rows.items())


def find_buyer(name: str) -> Buyer:
    """The buyer of that id, whatever its case.

    Raises:
        UnknownLabel: No buyer has the name; the nearest and all names are given.
    """
    known = {buyer.id: buyer for buyer in load_buyers()}
    found = known.get(name.strip().lower())
    if found is None:
        hint = nearest(name.lower(), known)
        raise UnknownLabel(f"There is no buyer {name!r}.{hint}\n  Known: {', '.join(known)}.")
    return found


def _chip(key: str, entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Chip:
    price = entry.get("price_usd")
    given = {
        **entry,
        "aliases": tuple(str(alias) for alias in entry.get("aliases") or ()),
        "dense_tflops": {name: float(rate) for name, rate in (entry.get("dense_tflops") or {}).items()},
        "price_usd": None
        if price is None
        else Price(price["low"], price["mid"], price["high"], str(price["as_of"]), price.get("basis")),
        "ranges": {name: (span["low"], span["high"]) for name, span in (entry.get("ranges") or {}).items()},
        "estimated_fields": tuple(entry.get("estimated_fields") or ()),
        "commercially_available_us": entry.get("commercially_available_us"),
        # Every chip of the catalogue is made for data centres unless its entry says otherwise.
        "designed_for_data_centre": entry.get("designed_for_data_centre", True),
        "notes": entry.get("notes"),
        "sources": tuple(
            ChipSource(tuple(part["fields"]), sources[part["source"]], part["confidence"], part.get("note"))
            for part in entry.get("sources") or ()
        ),
    }
    return Chip(id=key, **given)


def _ratio(over: float | None, under: float | None) -> float | None:
    return None if over is None or not under else over / under
