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


def number(value: float) -> float | None:
    """A JSON number; undefined is null."""
    value = float(value)
    return value if math.isfinite(value) else None


def spread(values: np.ndarray) -> dict[str, float | None]:
    """Mean, share of zeros and quantiles of one row of paths, in float64; undefined paths are left out."""
    defined = values[~np.isnan(values)] if np.isnan(values).any() else values
    if defined.size == 0:
        return {"mean": None, "p_zero": None, **dict.fromkeys(LEVELS)}
    ordered = np.sort(defined)
    out = {
        "mean": number(np.mean(ordered, dtype=np.float64)),
        "p_zero": number(np.count_nonzero(np.abs(ordered) < NOTHING) / ordered.size),
    }
    for name, level in LEVELS.items():
        place = level * (ordered.size - 1)
        low = int(place)
        high = min(low + 1, ordered.size - 1)
        below, above = float(ordered[low]), float(ordered[high])
        out[name] = number(below + (place - low) * (above - below))
    if defined.size < values.size:
        out["p_undefined"] = number(1.0 - defined.size / values.size)
    return out


def quarters(row: Output, months: list[str]) -> dict[str, list[int]]:
    """The positions of the months that each quarter holds."""
    out: dict[str, list[int]] = {}
    for position, month in enumerate(months):
        out.setdefault(quarter_of(row, month), []).append(position)
    return out


def summarise(dataset: xr.Dataset, *, buyer: str | None = None) -> dict[str, Any]:
    """The document of `run --json`.

    Args:
        dataset: A run.
        buyer: Show one buyer's outcomes only, in `by_buyer`.
    """
    began = time.perf_counter()
    attributes = dataset.attrs
    months = [str(month) for month in dataset["month"].values]
    paths = int(attributes["paths"])
    outcomes = {}
    for name, row in outputs_table().items():
        if name in dataset:
            outcomes[name] = _outcome(row, dataset[name].values, months, str(attributes["chip"]))
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
        "opening": {
            str(name)[len(OPENING) :]: _short(dataset[name].values)
            for name in dataset.data_vars
            if str(name).startswith(OPENING)
        },
        "outcomes": outcomes,
        "probabilities": _probabilities(dataset, months, paths),
        "by_buyer": _by_buyer(dataset, months, buyer),
        "by_place": _by_place(dataset, months),
        "sources": json.loads(attributes["sources"]),
    }
    document["seconds"] = round(float(attributes["seconds_simulation"]) + time.perf_counter() - began, 3)
    return document


def _outcome(row: Output, values: np.ndarray, months: list[str], chip: str) -> dict[str, Any]:
    by_month = {month: spread(values[n]) for n, month in enumerate(months)}
    by_quarter = {}
    for quarter, positions in quarters(row, months).items():
        # A stock's quarter is its last month, whose spread is known already.
        of_stock = by_month[months[positions[-1]]] if row.kind == "stock" else None
        found: dict[str, Any] = dict(of_stock or spread(period_values(row, values, positions)))
        found["months"] = len(positions)
        found["partial"] = len(positions) < 3
        by_quarter[quarter] = found
    out: dict[str, Any] = {
        "unit": row.unit,
        "kind": row.kind,
        "label": row.label,
        "meaning": row.meaning,
        "quarters": row.quarters,
        "by_month": by_month,
        "by_quarter": by_quarter,
    }
    if row.name.startswith("h200_"):
        out["chip"] = chip
    return out


def _short(values: np.ndarray) -> dict[str, float | None]:
    found = spread(values)
    return {name: found[name] for name in ("p10", "p50", "p90")}


def _probabilities(dataset: xr.Dataset, months: list[str], paths: int) -> dict[str, Any]:
    def by_state(name: str, axis: str) -> dict[str, dict[str, float]]:
        labels = [str(label) for label in dataset[axis].values]
        counts = dataset[COUNT + name].values / paths
        return {
            month: {label: float(counts[n, s]) for s, label in enumerate(labels)}
            for n, month in enumerate(months)
        }

    def by_month(name: str) -> dict[str, float]:
        counts = dataset[COUNT + name].values / paths
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
    arrays = {
        str(name)[len(BUYER) :]: dataset[name].values
        for name in dataset.data_vars
        if str(name).startswith(BUYER)
    }
    out: dict[str, Any] = {}
    for position, buyer in enumerate(str(label) for label in dataset["buyer"].values):
        if only is not None and buyer != only:
            continue
        out[buyer] = {
            name: {month: spread(array[n, position]) for n, month in enumerate(months)}
            for name, array in arrays.items()
        }
    return out


def _by_place(dataset: xr.Dataset, months: list[str]) -> dict[str, Any]:
    everywhere = dataset["h200_delivered_cum"].values.astype(np.float64)
    mainland = dataset["h200_delivered_mainland_cum"].values.astype(np.float64)
    # A buyer headquartered in China is refused a licence for sites elsewhere, so nothing goes there.
    values = {
        "mainland": mainland,
        "hong_kong": np.maximum(everywhere - mainland, 0.0),
        "offshore": np.zeros_like(mainland),
    }
    return {
        place: {"h200_delivered_cum": {month: spread(values[place][n]) for n, month in enumerate(months)}}
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
