"""Quantiles, probabilities and quarters of a run, as one plain document that becomes JSON."""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from dualtrack.results.dataset import BUYER, COUNT, OPENING
from dualtrack.results.outputs import Output, outputs_table
from dualtrack.results.questions import Question, period_values, quarter_of

if TYPE_CHECKING:
    import xarray as xr

LEVELS = {"p05": 0.05, "p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95}
NOTHING = 1e-6
PLACES = ("mainland", "hong_kong", "offshore")
Spread = dict[str, float | None]


def number(value: float) -> float | None:
    """A JSON number; undefined is null."""
    value = float(value)
    return value if math.isfinite(value) else None


def spread(values: np.ndarray) -> Spread:
    """Mean, share of zeros and quantiles of one row of paths, in float64; undefined paths are left out."""
    return spreads(values[np.newaxis])[0]


def spreads(rows: np.ndarray) -> list[Spread]:
    """The spread of each row of paths, shape (row, path)."""
    ordered = np.sort(rows, axis=-1)
    count = rows.shape[-1]
    # Undefined paths are sorted to the end.
    undefined = np.count_nonzero(np.isnan(ordered), axis=-1)
    out: list[Spread] = [{} for _ in rows]
    for missing in np.unique(undefined).tolist():
        places = np.flatnonzero(undefined == missing)
        columns = _columns(ordered[places, : count - missing])
        of_missing = {"p_undefined": 1.0 - (count - missing) / count} if missing < count else {}
        for place, numbers in zip(places.tolist(), zip(*columns.values(), strict=True), strict=True):
            out[place] = dict(zip(columns, numbers, strict=True)) | (of_missing if missing else {})
    return out


def _columns(ordered: np.ndarray) -> dict[str, list[float | None]]:
    """Each number of the spreads of sorted rows without undefined paths."""
    rows, size = ordered.shape
    if size == 0:
        return {name: [None] * rows for name in ("mean", "p_zero", *LEVELS)}
    found: dict[str, np.ndarray] = {
        "mean": ordered.mean(axis=-1, dtype=np.float64),
        "p_zero": (np.abs(ordered) < NOTHING).mean(axis=-1),
    }
    # An infinite path makes quantiles beside it undefined, which is what null says.
    with np.errstate(invalid="ignore", over="ignore"):
        for name, level in LEVELS.items():
            place = level * (size - 1)
            low = int(place)
            below, above = (ordered[:, n].astype(np.float64) for n in (low, min(low + 1, size - 1)))
            found[name] = below + (place - low) * (above - below)
    return {
        name: array.tolist() if np.isfinite(array).all() else list(map(number, array))
        for name, array in found.items()
    }


def quarters(row: Output, months: list[str]) -> dict[str, list[int]]:
    """The positions of the months that each quarter holds."""
    out: dict[str, list[int]] = {}
    for position, month in enumerate(months):
        out.setdefault(quarter_of(row, month), []).append(position)
    return out


def summarise(dataset: xr.Dataset, *, buyer: str | None = None) -> dict[str, Any]:
    """The document of `run --json`.

    A run that holds only some outcomes gives a document of those; `by_place` is empty where one of its two is missing.

    Args:
        dataset: A run.
        buyer: Show one buyer's outcomes only, in `by_buyer`.
    """
    began = time.perf_counter()
    attributes = dataset.attrs
    months = [str(month) for month in dataset["month"].values]
    paths = int(attributes["paths"])
    outcomes = {}
    held: dict[str, dict[str, list[int]]] = {}
    for name, row in outputs_table().items():
        if name in dataset:
            if row.quarters not in held:
                held[row.quarters] = quarters(row, months)
            values = dataset.variables[name].values
            outcomes[name] = _outcome(row, values, months, held[row.quarters], str(attributes["chip"]))
    document = {
        "scenario": attributes["scenario"],
        "title": attributes["title"],
        "known_by": attributes["known_by"],
        "paths": paths,
        "seed": int(attributes["seed"]),
        "backend": attributes["backend"],
        "seconds": 0.0,
        "chip": attributes["chip"],
        "manifest": json.loads(attributes["manifest"]),
        "opening": _opening(dataset),
        "outcomes": outcomes,
        "probabilities": _probabilities(dataset, months, paths),
        "by_buyer": _by_buyer(dataset, months, buyer),
        "by_place": _by_place(dataset, months),
        "sources": json.loads(attributes["sources"]),
    }
    document["seconds"] = round(float(attributes["seconds_simulation"]) + time.perf_counter() - began, 3)
    return document


def _outcome(
    row: Output, values: np.ndarray, months: list[str], held: dict[str, list[int]], chip: str
) -> dict[str, Any]:
    by_month = dict(zip(months, spreads(values), strict=True))
    if row.kind == "stock":
        # A stock's quarter is its last month, whose spread is known already.
        of_quarters = [by_month[months[positions[-1]]] for positions in held.values()]
    else:
        of_quarters = spreads(np.stack([period_values(row, values, n) for n in held.values()]))
    out: dict[str, Any] = {
        "unit": row.unit,
        "kind": row.kind,
        "label": row.label,
        "meaning": row.meaning,
        "quarters": row.quarters,
        "by_month": by_month,
        "by_quarter": {
            quarter: {**found, "months": len(positions), "partial": len(positions) < 3}
            for (quarter, positions), found in zip(held.items(), of_quarters, strict=True)
        },
    }
    if row.name.startswith("h200_"):
        out["chip"] = chip
    return out


def _opening(dataset: xr.Dataset) -> dict[str, dict[str, float | None]]:
    arrays = _named(dataset, OPENING)
    found = zip(arrays, spreads(np.stack(list(arrays.values()))), strict=True) if arrays else ()
    return {name: {level: of_name[level] for level in ("p10", "p50", "p90")} for name, of_name in found}


def _named(dataset: xr.Dataset, prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin with a prefix, under the rest of their names."""
    names = [str(name) for name in dataset.data_vars if str(name).startswith(prefix)]
    return {name[len(prefix) :]: dataset.variables[name].values for name in names}


def _probabilities(dataset: xr.Dataset, months: list[str], paths: int) -> dict[str, Any]:
    def by_state(name: str, axis: str) -> dict[str, dict[str, float]]:
        labels = [str(label) for label in dataset[axis].values]
        counts = dataset.variables[COUNT + name].values / paths
        return {
            month: {label: float(counts[n, s]) for s, label in enumerate(labels)}
            for n, month in enumerate(months)
        }

    def by_month(name: str) -> dict[str, float]:
        counts = dataset.variables[COUNT + name].values / paths
        return {month: float(counts[n]) for n, month in enumerate(months)}

    return {
        "any_delivery_by": by_month("any_delivery"),
        "us_gate": by_state("us_gate", "us_state"),
        "china_gate": by_state("china_gate", "china_state"),
        "binding_limit": by_state("binding", "reason"),
        "power_binds": by_month("power_binds"),
        "memory_binds": by_month("memory_binds"),
        "dies_bind": by_month("dies_bind"),
        "ratio_in_arrears": by_month("in_arrears"),
        "tension": by_month("tension"),
    }


def _by_buyer(dataset: xr.Dataset, months: list[str], only: str | None) -> dict[str, Any]:
    arrays = _named(dataset, BUYER)
    return {
        buyer: {
            name: dict(zip(months, spreads(array[:, position]), strict=True))
            for name, array in arrays.items()
        }
        for position, buyer in enumerate(str(label) for label in dataset["buyer"].values)
        if only is None or buyer == only
    }


def _by_place(dataset: xr.Dataset, months: list[str]) -> dict[str, Any]:
    if not {"h200_delivered_cum", "h200_delivered_mainland_cum"} <= set(dataset.data_vars):
        return {}
    everywhere = dataset.variables["h200_delivered_cum"].values.astype(np.float64)
    mainland = dataset.variables["h200_delivered_mainland_cum"].values.astype(np.float64)
    # A buyer headquartered in China is refused a licence for sites elsewhere, so nothing goes there.
    values = {
        "mainland": mainland,
        "hong_kong": np.maximum(everywhere - mainland, 0.0),
        "offshore": np.zeros_like(mainland),
    }
    return {
        place: {"h200_delivered_cum": dict(zip(months, spreads(values[place]), strict=True))}
        for place in PLACES
    }


def exceedance(dataset: xr.Dataset, question: Question, value: float) -> dict[str, Any]:
    """P(outcome > value) in a period; a path on which the outcome is undefined does not exceed it."""
    name = question.outcome.name
    values = question.values({name: dataset[name].values})
    return {
        "outcome": name,
        "value": value,
        "unit": question.outcome.unit,
        "period": question.period,
        "probability": float(np.mean(np.nan_to_num(values, nan=-np.inf) > value)),
    }
