"""Draw a block of paths: their inputs, their gates, and the arrays that the months read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dualtrack.futures.draws import Array, Block, input_uniforms
from dualtrack.futures.gates import GateFutures, draw_gates
from dualtrack.simulate.model import Model

BUYER_KEYS = ("appetite", "ai_capex", "domestic_share", "fleet_share")


@dataclass(frozen=True)
class Drawn:
    """Everything chance chose for a block of paths.

    Attributes:
        values: Inputs by key, shape (path,); `buyer.*` keys gathered by attribute, shape (buyer, path).
        law: Amended law parameters, shape (path,).
        gates: Gate states and batches by month.
        uniforms: The uniform behind each uncertain input, for sensitivity studies.
    """

    values: dict[str, Array]
    law: dict[str, Array]
    gates: GateFutures
    uniforms: dict[str, Array]


def draw(model: Model, block: Block) -> Drawn:
    """Draw the block; nothing here depends on which other paths are drawn."""
    scenario = model.scenario
    uncertain = [name for name, spec in scenario.settings.items() if spec.is_uncertain]
    uniforms = input_uniforms(block, uncertain, scenario.copula)
    certain = np.zeros(block.count)
    flat = {name: spec.sample(uniforms.get(name, certain)) for name, spec in scenario.settings.items()}
    law = {parameter: flat[key] for key, parameter in model.amended.items()}
    values = {name: value for name, value in flat.items() if not name.startswith("buyer.")}
    for attribute in BUYER_KEYS:
        values[f"buyer.{attribute}"] = np.stack([flat[f"buyer.{b.id}.{attribute}"] for b in model.buyers])
    gates = draw_gates(block, flat, model.records, scenario.start, scenario.months)
    return Drawn(values, law, gates, uniforms)
