"""What was licensed and shipped so far: a CSV or XLSX of the user's own, and the counts that limits ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from dualtrack.entities import find_buyer, find_chip
from dualtrack.errors import UnknownLabel
from dualtrack.rules.fields import DESTINATIONS, IN_CHINA
from dualtrack.tables import Column, Factored, TableFaults, gather_table

STAGES: Final = ("licensed", "shipped")
COLUMNS: Final = (
    Column("date", "date"),
    Column("buyer"),
    Column("chip"),
    Column("units", "number", least=0, whole=True),
    Column("stage", "choice", choices=STAGES),
    Column("destination", "choice", choices=DESTINATIONS),
)


@dataclass(frozen=True)
class Entry:
    """Units of one chip for one buyer at one stage."""

    on: date
    buyer: str
    chip: str
    units: float
    stage: str
    destination: str


@dataclass(frozen=True)
class Ledger:
    """Entries up to a day; `later` counts those after it, which are left out."""

    entries: tuple[Entry, ...] = ()
    later: int = 0

    def committed(self, chip: str, buyer: str | None = None) -> float:
        """Units of a chip shipped to China or reserved by a licence; a licensed unit that was shipped counts once."""
        mine = [e for e in self.entries if e.chip == chip and e.destination in IN_CHINA]
        buyers = {entry.buyer for entry in mine} if buyer is None else {buyer}
        return sum(max(_units(mine, who, "licensed"), _units(mine, who, "shipped")) for who in buyers)

    def licensed_open(self, chip: str, buyer: str, destination: str) -> float:
        """Units that a licence still covers, for China or for places abroad."""
        inside = destination in IN_CHINA
        mine = [e for e in self.entries if e.chip == chip and (e.destination in IN_CHINA) == inside]
        return max(_units(mine, buyer, "licensed") - _units(mine, buyer, "shipped"), 0.0)

    def landed(self, since: date, chips: Collection[str], buyer: str | None = None) -> float:
        """Units of some chips shipped to the mainland from a day on."""
        return sum(
            entry.units
            for entry in self.entries
            if entry.stage == "shipped"
            and entry.destination == "mainland"
            and entry.on >= since
            and entry.chip in chips
            and buyer in (None, entry.buyer)
        )


def read_ledger(path: Path, on: date) -> Ledger:
    """The entries of a file up to a day.

    Raises:
        TableFault: The file does not fit, or names an unknown buyer or chip; all faults are listed.
    """
    table, faults = gather_table(path, COLUMNS, "ledger", may_be_empty=True)
    buyers = named(table.labels("buyer"), "buyer", lambda name: find_buyer(name).id, faults)
    chips = named(table.labels("chip"), "chip", lambda name: find_chip(name).id, faults)
    faults.raise_any()
    rows = zip(
        table.labels("date").values(),
        buyers,
        chips,
        table.numbers("units").tolist(),
        table.labels("stage").values(),
        table.labels("destination").values(),
        strict=True,
    )
    entries = [Entry(*row) for row in rows]
    kept = tuple(entry for entry in entries if entry.on <= on)
    return Ledger(kept, len(entries) - len(kept))


def named(column: Factored, name: str, find: Callable[[str], str], faults: TableFaults) -> list[str]:
    """The id behind every cell; an unknown name is noted as a fault, once."""
    import numpy as np

    ids: list[str] = []
    unknown: dict[int, str] = {}
    for code, label in enumerate(column.labels):
        try:
            ids.append(find(label))
        except UnknownLabel as error:
            unknown[code] = str(error).replace("\n ", "")
            ids.append("")
    faults.add_labels(name, column.codes, np.array(list(unknown), dtype=np.int64), lambda n: unknown[n])
    return [ids[code] if code >= 0 else "" for code in column.codes.tolist()]


def _units(entries: Iterable[Entry], buyer: str, stage: str) -> float:
    return sum(entry.units for entry in entries if entry.buyer == buyer and entry.stage == stage)
