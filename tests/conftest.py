"""What the tests share: the fact book, the rulebook, models of a scenario, and a run kept month by month."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from dualtrack.facts.book import FactBook, load_book
from dualtrack.rules.load import load_rulebook
from dualtrack.rules.rulebook import Rulebook
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.simulate.inputs import Drawn, draw
from dualtrack.simulate.kernel import given_by_month
from dualtrack.simulate.model import Model, build_model
from dualtrack.simulate.step import opening_state, step

# The suite gives the same answer twice; `make fuzz` looks for new counterexamples.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("fuzz", derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

Numbers = dict[str, Any]


@dataclass
class Passed:
    """One month of a run: what it was given, the states around it, what came out."""

    given: Numbers
    before: Numbers
    after: Numbers
    out: Numbers


@dataclass
class Trace:
    """A run of a block in numpy with every state kept."""

    model: Model
    drawn: Drawn
    months: list[Passed] = field(default_factory=list)

    @property
    def values(self) -> Numbers:
        return self.drawn.values

    def cumulative(self, name: str) -> np.ndarray:
        """A flow added up since the start, shape (month, ..., path)."""
        return np.cumsum([month.out[name] for month in self.months], axis=0)

    def law(self, parameter: str, month: Passed) -> Any:
        """A law parameter as the paths have it, before what a gate's state changes in it."""
        return self.drawn.law.get(parameter, month.given[f"law.{parameter}"])


def trace_of(model: Model, drawn: Drawn | None = None) -> Trace:
    drawn = drawn or draw(model, model.block(0, model.scenario.paths))
    given = given_by_month(model, drawn)
    trace = Trace(model, drawn)
    state: Numbers = {}
    for n in range(model.scenario.months):
        month = {name: array[n] for name, array in given.items()}
        before = state or opening_state(np, model, drawn.values, drawn.law, month)
        state, out = step(np, model, drawn.values, drawn.law, before, month)
        trace.months.append(Passed(month, before, state, out))
    return trace


@cache
def _book() -> FactBook:
    return load_book()


@cache
def _rulebook() -> Rulebook:
    return load_rulebook(_book())


def build(
    changes: Sequence[str] = (),
    *,
    months: int | None = None,
    paths: int = 100,
    scenario: str = "h200-truce",
    seed: int | None = None,
) -> Model:
    run = {"months": months, "paths": paths, "seed": seed}
    return build_model(load_scenario(scenario, _book(), changes=changes, run=run), _book(), _rulebook())


@pytest.fixture(scope="session")
def book() -> FactBook:
    return _book()


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return _rulebook()


@pytest.fixture(scope="session")
def model_for() -> Callable[..., Model]:
    """A function: changes, months, paths, scenario, seed -> Model."""
    return build


@pytest.fixture(scope="session")
def drawn_for() -> Callable[..., Drawn]:
    """A function with the arguments of model_for -> Drawn."""

    def drawn(changes: Sequence[str] = (), **options: Any) -> Drawn:
        model = build(changes, **options)
        return draw(model, model.block(0, model.scenario.paths))

    return drawn


@pytest.fixture(scope="session")
def traced() -> Callable[..., Trace]:
    """A function with the arguments of model_for -> Trace."""

    def trace(changes: Sequence[str] = (), **options: Any) -> Trace:
        return trace_of(build(changes, **options))

    return trace


@pytest.fixture(scope="session")
def trace() -> Callable[..., Trace]:
    """A function: model, drawn -> Trace."""
    return trace_of
