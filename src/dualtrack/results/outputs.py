"""The table of outcomes: one row each, read by the kernel's caller, the dataset, the brief and the guide."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dualtrack.errors import ScenarioFault, nearest

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class Output:
    """What an outcome is.

    Attributes:
        kind: `stock` stands at month end; `flow` is per month and adds up over a quarter.
        quarters: `fiscal` for Nvidia's fiscal quarters, `calendar` otherwise.
        precision: `single` or `double` floating point in the dataset.
        headline: Whether the terminal summary shows it.
    """

    name: str
    unit: str
    kind: Literal["stock", "flow"]
    quarters: Literal["calendar", "fiscal"]
    precision: Literal["single", "double"]
    headline: bool
    label: str
    meaning: str


@functools.cache
def outputs_table() -> Mapping[str, Output]:
    """Every outcome by name, in the order of the table."""
    return _read("outputs.csv")


@functools.cache
def buyer_outputs_table() -> Mapping[str, Output]:
    """Every outcome that is kept for each buyer, by name."""
    return _read("outputs_by_buyer.csv")


def _read(file_name: str) -> Mapping[str, Output]:
    with (DATA / file_name).open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: Output(**{**row, "headline": row["headline"] == "1"})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        }


def find_output(name: str, *, by_buyer: bool = False) -> Output:
    """The outcome of that name.

    Args:
        by_buyer: Look among the outcomes that are kept for each buyer.

    Raises:
        ScenarioFault: There is none; the nearest names are given.
    """
    table = buyer_outputs_table() if by_buyer else outputs_table()
    if name in table:
        return table[name]
    kept = f"\n  By buyer there are: {', '.join(table)}." if by_buyer else ""
    what = "outcome by buyer" if by_buyer else "outcome"
    raise ScenarioFault(f"There is no {what} {name!r}.{nearest(name, table)}{kept}")
