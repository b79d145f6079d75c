"""Compute at the disposal of each sector, what it lacks, and the months that imports gain it.

No split by sector was published after 2019. The shares are wide priors (`sector.*` keys), drawn once per
path, so that two runs with the same seed differ by their imports alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dualtrack.errors import ResultFault, ScenarioFault
from dualtrack.futures.draws import Array
from dualtrack.measures.by_measure import surviving
from dualtrack.measures.compute import Compute
from dualtrack.simulate.arrays import Values
from dualtrack.simulate.model import Model

if TYPE_CHECKING:
    import xarray as xr

SECTORS = ("internet", "government", "finance", "autonomous_driving", "industrial", "healthcare")
OTHER = "other"
IMPORT_SHARE = "sector_import_share_"


class Shares(NamedTuple):
    """Part of each sector in what there is at the start, in imports and in domestic chips; each adds to 1.

    By sector, `other` included, shape (path,).
    """

    opening: dict[str, Array]
    imports: dict[str, Array]
    domestic: dict[str, Array]


def sector_shares(values: Mapping[str, Array]) -> Shares:
    """How a path splits compute among sectors.

    What is added goes to a sector by its share at the start times the part of its new chips that is
    imported, or domestic; so every sector takes part in both, and each kind of chip is shared out whole.
    """
    names = (*SECTORS, OTHER)
    size = {name: values[f"sector.{name}.share"] for name in names}
    home = {name: values[f"sector.{name}.domestic_share"] for name in names}
    return Shares(
        _scaled(size),
        _scaled({name: size[name] * (1.0 - home[name]) for name in names}),
        _scaled({name: size[name] * home[name] for name in names}),
    )


def _scaled(weights: dict[str, Array]) -> dict[str, Array]:
    whole = np.zeros_like(next(iter(weights.values())))
    for weight in weights.values():
        whole = whole + weight
    # Where nobody takes part, all do alike, so that shares always add to one.
    return {
        name: np.where(whole > 0.0, weight / np.where(whole > 0.0, whole, 1.0), 1.0 / len(weights))
        for name, weight in weights.items()
    }


def sector_compute(
    model: Model, values: Values, sums: Values, compute: Compute, delivered_h100e: Array, shares: Shares
) -> dict[str, Array]:
    """Compute switched on at each sector's disposal at month end, in H100-equivalents, shape (month, path).

    Args:
        sums: The months' outputs, summed over buyers.
        delivered_h100e: Compute added by imports and domestic chips, switched on or not, shape (month, path).

    What was there at the start, less what was lost and retired since, and what is smuggled goes by the
    share at the start; imports and domestic chips go by shares of their own from the month they are
    switched on. Letter-rule chips are switched on at once.
    """
    kept = 1.0 - values["world.hard_loss"] / 12.0
    rest = np.maximum(compute.china - surviving(delivered_h100e, kept), 0.0)
    chip, letter = float(model.chip.h100e or 0.0), float(model.letter_chip.h100e or 0.0)
    imports = surviving(sums["powered"] * chip + sums["letter_units"] * letter, kept)
    domestic = surviving(sums["domestic_on_h100e"], kept)
    return {
        f"sector_compute_{name}": rest * shares.opening[name]
        + imports * shares.imports[name]
        + domestic * shares.domestic[name]
        for name in SECTORS
    }


def opening_sectors(compute: Compute, shares: Shares) -> dict[str, Array]:
    """Each sector's compute at the start and its part of imports, shape (path,)."""
    return {f"sector_compute_{name}": compute.opening["china"] * shares.opening[name] for name in SECTORS} | {
        IMPORT_SHARE + name: shares.imports[name] for name in SECTORS
    }


def unmet_demand(dataset: xr.Dataset) -> dict[str, Array]:
    """Units of the channel's chip that each sector wants and has not got, by sector, shape (month, path).

    The backlog of a saved run, shared out as imports are.

    Raises:
        ResultFault: The result was made before sectors came.
    """
    if f"opening_{IMPORT_SHARE}{SECTORS[0]}" not in dataset:
        raise ResultFault("The result knows no sectors. Run the scenario again.")
    backlog = dataset["h200_backlog"].values
    return {name: backlog * dataset[f"opening_{IMPORT_SHARE}{name}"].values for name in SECTORS}


def months_gained(with_imports: Array, without: Array, opening: Array) -> Array:
    """How many months earlier the first run reached the level at which the second stands in each month.

    Args:
        with_imports: A sector's compute, shape (month, path).
        without: The same in the twin without imports, same paths.
        opening: What both had at the start, shape (path,).

    Returns:
        Months, shape (month, path), interpolated along each path; below zero where the first run was later.
        Both times are those of the first reaching, so that a stock that shrinks is counted alike in both.
        Undefined (NaN) where the first run does not reach the level before the run ends. A level that is no
        higher than the start was reached at the start by both.

    Raises:
        ScenarioFault: The runs differ in months or paths.

    >>> one = np.array([[20.0], [30.0], [40.0]])
    >>> months_gained(one, np.array([[15.0], [20.0], [25.0]]), np.array([10.0]))[:, 0].tolist()
    [0.5, 1.0, 1.5]
    """
    if with_imports.shape != without.shape or opening.shape != without.shape[1:]:
        raise ScenarioFault(
            f"The two runs differ in months or paths ({with_imports.shape} and {without.shape}, start {opening.shape}). "
            "Run both with the same --paths, --months and --seed."
        )
    first, second = (np.concatenate([opening[None], run]) for run in (with_imports, without))
    return np.stack([_reached(second, level) - _reached(first, level) for level in without])


def _reached(line: Array, level: Array) -> Array:
    """Months from the start until a path first stood at a level, shape (path,)."""
    highest = np.maximum.accumulate(line, axis=0)
    after = (highest < level).sum(axis=0)
    never = after == len(line)
    here = np.minimum(after, len(line) - 1)
    column = np.arange(len(level))
    high, low = line[here, column], line[np.maximum(here - 1, 0), column]
    rise = np.where(high > low, high - low, 1.0)
    when = np.where(here == 0, 0.0, here - 1 + np.clip((level - low) / rise, 0.0, 1.0))
    out: Array = np.where(never, np.nan, when)
    return out
