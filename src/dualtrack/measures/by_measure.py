"""Compute on four measures: what imports and domestic chips add, what stands in China, and the gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dualtrack.futures.draws import Array
from dualtrack.measures.compute import Compute
from dualtrack.measures.weights import (
    MEASURES,
    chip_weights,
    domestic_weights,
    opening_weights,
    us_weights,
)
from dualtrack.simulate.arrays import Values
from dualtrack.simulate.model import Model


@dataclass(frozen=True)
class Added:
    """Compute added in a month by source, by measure, shape (month, path)."""

    imports: dict[str, Array]
    domestic: dict[str, Array]


def added_compute(model: Model, values: Values, sums: Values) -> Added:
    """What was delivered in each month, on every measure.

    Args:
        sums: The months' outputs, summed over buyers.
    """
    chip, letter = chip_weights(values, model.chip), chip_weights(values, model.letter_chip)
    domestic = domestic_weights(model, values, sums["huawei"], sums["other"])
    imports = {
        measure: sums["delivered"] * chip[measure] + sums["letter_units"] * letter[measure]
        for measure in MEASURES
    }
    made = {measure: sums["domestic_bought"] * domestic[measure] for measure in MEASURES[1:]}
    return Added(imports, {"h100e": sums["domestic_h100e"], **made})


def measured_compute(model: Model, values: Values, compute: Compute, added: Added) -> dict[str, Array]:
    """China's compute and the gap by training, serving and bandwidth, and what each source added.

    What remains of the opening stock is converted by the mix of its chips at the start. Smuggled chips
    count alike on every measure: an H100 does by definition, and a B200 has 2.3 times both its 8-bit rate
    and its bandwidth.
    """
    out = {f"imports_added_{name}": array for name, array in added.imports.items()}
    out |= {f"domestic_added_{name}": array for name, array in added.domestic.items()}
    kept = 1.0 - values["world.hard_loss"] / 12.0
    both = {name: surviving(added.imports[name] + added.domestic[name], kept) for name in MEASURES}
    opening = np.maximum(compute.china_official - both["h100e"], 0.0)
    stock, us = opening_weights(model, values), us_weights(values)
    for name in MEASURES[1:]:
        china = opening * stock[name] + both[name] + compute.china_smuggled
        label = "china_bandwidth_h100" if name == "bandwidth" else f"china_{name}_h100e"
        out[label] = china
        out[f"{name}_gap_ratio"] = compute.us5 * us[name] / np.maximum(china, 1.0)
    return out


def surviving(flow: Array, kept: Array) -> Array:
    """What is left at each month's end of all that was added so far, shape (month, path).

    Args:
        kept: Part of a stock that is left after a month, shape (path,).
    """
    out = np.empty_like(flow)
    out[0] = flow[0]
    for month in range(1, len(flow)):
        np.multiply(out[month - 1], kept, out=out[month])
        out[month] += flow[month]
    return out
