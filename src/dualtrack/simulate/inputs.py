"""Draw a block of paths: their inputs, their gates, and the arrays that the months read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualtrack.futures.draws import Array, Streams, input_uniforms
from dualtrack.futures.gates import GateFutures, draw_gates
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import Scenario
from dualtrack.scenarios.specs import Spec
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


def scenario_uniforms(
    scenario: Scenario, block: Streams, names: Iterable[str] | None = None
) -> dict[str, Array]:
    """The uniform behind inputs of a scenario, correlations in it, shape (path,).

    Args:
        names: Which inputs; all uncertain ones if not given.
    """
    if names is None:
        names = [name for name, spec in scenario.settings.items() if spec.is_uncertain]
    keys, listed = load_keys(), list(names)
    streams = {name: keys[name].stream for name in (*listed, *scenario.copula.names)}
    return input_uniforms(block, listed, scenario.copula, streams)


class Draws:
    """The draws of one block, for models that differ in the values of some keys: what they share is drawn once."""

    def __init__(self, model: Model, block: Streams) -> None:
        self.model = model
        self.block = block
        settings = model.scenario.settings
        self._uniforms = scenario_uniforms(model.scenario, block)
        self._flat = {name: self._sample(spec, self._uniforms.get(name)) for name, spec in settings.items()}
        self._gates: GateFutures | None = None
        self._gate_keys: frozenset[str] = frozenset()

    def drawn(self, changed: Mapping[str, Spec] | None = None) -> Drawn:
        """What chance chose.

        Args:
            changed: Values in place of the model's, of keys that the model has set.
        """
        uniforms = dict(self._uniforms)
        flat = dict(self._flat)
        for name, spec in (changed or {}).items():
            assert name in flat
            uniforms.pop(name, None)
            if spec.is_uncertain:
                uniforms |= scenario_uniforms(self.model.scenario, self.block, [name])
            flat[name] = self._sample(spec, uniforms.get(name))
        values = {name: value for name, value in flat.items() if not name.startswith("buyer.")}
        for attribute in BUYER_KEYS:
            values[f"buyer.{attribute}"] = np.stack(
                [flat[f"buyer.{b.id}.{attribute}"] for b in self.model.buyers]
            )
        law = {parameter: flat[key] for key, parameter in self.model.amended.items()}
        return Drawn(values, law, self._gates_of(flat, changed or {}), uniforms)

    def _sample(self, spec: Spec, uniform: Array | None) -> Array:
        return spec.sample(np.zeros(self.block.count) if uniform is None else uniform)

    def _gates_of(self, flat: dict[str, Array], changed: Mapping[str, Spec]) -> GateFutures:
        if self._gates is None:
            # Which keys the gates read is seen, not listed, so that no list can fall behind.
            seen = _Seen(self._flat)
            self._gates = self._draw_gates(seen)
            self._gate_keys = frozenset(seen.keys_read)
        return self._gates if self._gate_keys.isdisjoint(changed) else self._draw_gates(flat)

    def _draw_gates(self, flat: dict[str, Array]) -> GateFutures:
        scenario = self.model.scenario
        return draw_gates(self.block, flat, self.model.records, scenario.start, scenario.months)


class _Seen(dict[str, Array]):
    """Values that note which of them are read."""

    def __init__(self, values: Mapping[str, Array]) -> None:
        super().__init__(values)
        self.keys_read: set[str] = set()

    def __getitem__(self, name: str) -> Array:
        self.keys_read.add(name)
        return super().__getitem__(name)


def together(drawn: Sequence[Drawn]) -> Drawn:
    """Several draws as one block, one after the other along the paths; the uniforms are left out.

    Short arrays cost the month step more per path than long ones, and no path's numbers depend on the others.
    """
    if len(drawn) == 1:
        return drawn[0]
    gates = [one.gates for one in drawn]
    return Drawn(
        _joined([one.values for one in drawn]),
        _joined([one.law for one in drawn]),
        GateFutures(
            _in_a_row([one.us for one in gates]),
            _in_a_row([one.china for one in gates]),
            _in_a_row([one.tension for one in gates]),
            _in_a_row([one.batch_units for one in gates]),
            _joined([one.rates for one in gates]),
        ),
        {},
    )


def _joined(arrays: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    return {name: _in_a_row([one[name] for one in arrays]) for name in arrays[0]}


def _in_a_row(arrays: Sequence[Any]) -> Any:
    return np.concatenate(arrays, axis=-1)


def draw(model: Model, block: Streams) -> Drawn:
    """Draw the block; nothing here depends on which other paths are drawn."""
    return Draws(model, block).drawn()
