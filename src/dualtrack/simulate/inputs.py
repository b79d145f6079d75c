"""Draw a block of paths: their inputs, their gates, and the arrays that the months read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dualtrack.futures.draws import Array, Draws
from dualtrack.futures.gates import GateFutures, draw_gates
from dualtrack.scenarios.scenario import Scenario
from dualtrack.simulate.model import Model

INPUT_STREAM = "input:"
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


def input_uniforms(scenario: Scenario, block: Draws) -> dict[str, Array]:
    """The uniform behind each uncertain input, correlations in it, shape (path,)."""
    copula = scenario.copula
    correlated = copula.uniforms(block, {name: INPUT_STREAM + name for name in copula.names})
    return {
        name: correlated[name] if name in correlated else block.uniform(INPUT_STREAM + name)
        for name, spec in scenario.settings.items()
        if spec.is_uncertain
    }


def draw(model: Model, block: Draws) -> Drawn:
    """Draw the block; nothing here depends on which other paths are drawn."""
    scenario = model.scenario
    uniforms = input_uniforms(scenario, block)
    flat = {
        name: spec.sample(uniforms[name] if name in uniforms else np.zeros(block.count))
        for name, spec in scenario.settings.items()
    }
    law = {parameter: flat[key] for key, parameter in model.amended.items()}
    values = {name: value for name, value in flat.items() if not name.startswith("buyer.")}
    for attribute in BUYER_KEYS:
        values[f"buyer.{attribute}"] = np.stack([flat[f"buyer.{b.id}.{attribute}"] for b in model.buyers])
    gates = draw_gates(block, flat, model.records, scenario.start, scenario.months)
    return Drawn(values, law, gates, uniforms)
