"""What a closed gate takes from each side: a run against its twin that is stopped in some month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from dualtrack.errors import ResultFault
from dualtrack.futures.draws import Array

Side = Literal["US", "China"]


class Stake(NamedTuple):
    """What one side loses over the rest of the run, by path; below nothing where it gains.

    Attributes:
        side: Whose loss it is.
        what: The loss in words.
        unit: Its unit.
        loss: Shape (path,).
    """

    side: Side
    what: str
    unit: str
    loss: Array


FLOWS: dict[str, tuple[Side, str, str, str]] = {
    "vendor_revenue": ("US", "vendor's revenue lost", "usd", "nvidia_china_ai_revenue"),
    "levy": ("US", "levy lost", "usd", "levy_paid"),
    "domestic_revenue": ("China", "domestic makers' revenue lost", "usd", "domestic_revenue"),
}
NEEDED = (
    *(row[3] for row in FLOWS.values()),
    "nvidia_write_down",
    "china_compute_h100e",
    "compute_gap_months",
)


def leverage(base: Mapping[str, Array], stopped: Mapping[str, Array], first_month: int) -> dict[str, Stake]:
    """Each side's loss from a stop, from its first month to the end of the run.

    Args:
        base: Outcomes by name, shape (month, path): a dataset of a run, or plain arrays.
        stopped: The same of the twin whose gate was closed by decree, with the same paths.
        first_month: The position of the first month in which the closing binds.

    Returns:
        `vendor_revenue`, `vendor_write_down` and `levy` (US, USD); `compute` at the end of the run (China,
        h100e), `compute_months` (h100e-months), `gap` at the end (months; undefined where either run's is)
        and `domestic_revenue` (China, USD; below zero where domestic makers gain).

    Which side closed its gate is not asked: the losses of both are what the closing is worth to each.

    Raises:
        ResultFault: An outcome is missing, the runs differ in shape or before the stop, or there is no such month.
    """
    one, other = _taken(base), _taken(stopped)
    shape = one["china_compute_h100e"].shape
    if any(array.shape != shape for run in (one, other) for array in run.values()):
        raise ResultFault(
            "The two runs differ in months or paths. Run both with the same --paths and --months."
        )
    if not 0 <= first_month < shape[0]:
        raise ResultFault(f"Month {first_month} is not in the run. Wanted: 0 to {shape[0] - 1}.")
    for name in NEEDED:
        if not np.array_equal(one[name][:first_month], other[name][:first_month], equal_nan=True):
            raise ResultFault(
                f"The two runs differ before the stop ({name}), so its effect cannot be told. Run both with the same "
                "seed and settings, the closing alone set apart."
            )

    def lost(name: str) -> Array:
        return one[name][first_month:] - other[name][first_month:]

    out = {
        key: Stake(side, what, unit, lost(outcome).sum(axis=0))
        for key, (side, what, unit, outcome) in FLOWS.items()
    }
    out["vendor_write_down"] = Stake(
        "US", "vendor's stock written down", "usd", -lost("nvidia_write_down").sum(axis=0)
    )
    compute = lost("china_compute_h100e")
    out["compute"] = Stake("China", "compute lost at the end of the run", "h100e", compute[-1])
    out["compute_months"] = Stake("China", "compute lost, added up", "h100e-months", compute.sum(axis=0))
    out["gap"] = Stake(
        "China", "gap widened at the end of the run", "months", -lost("compute_gap_months")[-1]
    )
    return out


def _taken(run: Mapping[str, Array]) -> dict[str, Array]:
    missing = [name for name in NEEDED if name not in run]
    if missing:
        raise ResultFault(f"The run has no {', '.join(missing)}. Run the scenario again.")
    return {name: np.asarray(run[name], dtype=float) for name in NEEDED}
