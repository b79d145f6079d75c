"""Run all months for a block of paths: numpy loops over them; jax compiles the same step and scans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualtrack.errors import ScenarioFault
from dualtrack.simulate.arrays import Values, total
from dualtrack.simulate.inputs import Drawn
from dualtrack.simulate.memory import keep_freed_memory
from dualtrack.simulate.model import Model
from dualtrack.simulate.step import law_arrays, opening_state, step

BACKENDS = ("numpy", "jax")
CHUNK_PATHS = {"numpy": 2048, "jax": 8192}

BY_BUYER = (
    "delivered",
    "powered",
    "backlog",
    "domestic_bought",
    "obligation",
    "added_mw",
    "domestic_training",
)

LEAST_JAX_PATHS = 256

Kernel = Callable[[Model, Drawn], Values]


def kernel(backend: str) -> Kernel:
    """The function that simulates a block, giving outputs of shape (month, ..., path).

    Raises:
        ScenarioFault: There is no such backend, or its library is not installed.
    """
    if backend == "numpy":
        return run_numpy
    if backend == "jax":
        try:
            import jax  # noqa: F401
        except ImportError:
            raise ScenarioFault(
                "The jax backend is not installed. Install it with: pip install 'dualtrack[jax]', "
                "or leave out --backend jax."
            ) from None
        return run_jax
    raise ScenarioFault(f"There is no backend {backend!r}. Wanted: {' or '.join(BACKENDS)}.")


def given_by_month(model: Model, drawn: Drawn) -> Values:
    """What each month is given, with the month on axis 0."""
    scenario = model.scenario
    return {
        "number": np.arange(scenario.start, scenario.start + scenario.months, dtype=float),
        "us": drawn.gates.us,
        "china": drawn.gates.china,
        "batch_units": drawn.gates.batch_units,
        **law_arrays(model),
    }


def kept(outputs: Values) -> Values:
    """A month's outputs, summed over buyers except for those that are reported by buyer."""
    return {
        name: total(array) if array.ndim == 2 and name not in BY_BUYER else array
        for name, array in outputs.items()
    }


def run_numpy(model: Model, drawn: Drawn) -> Values:
    """Simulate a block month by month."""
    keep_freed_memory()
    given = given_by_month(model, drawn)
    months = [{name: array[n] for name, array in given.items()} for n in range(model.scenario.months)]
    state = opening_state(np, model, drawn.values, drawn.law, months[0])
    outputs: list[Values] = []
    for month in months:
        state, out = step(np, model, drawn.values, drawn.law, state, month)
        outputs.append(kept(out))
    return {name: np.stack([out[name] for out in outputs]) for name in outputs[0]}


def run_jax(model: Model, drawn: Drawn) -> Values:
    """Simulate a block with the same step, jitted; agrees with numpy to about 1e-9, relative."""
    import jax

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    given = given_by_month(model, drawn)
    by_path = {name: given.pop(name) for name in ("us", "china", "batch_units")}
    count = by_path["us"].shape[-1]
    # A last, shorter block is filled up to the size that is compiled already.
    full = max(_compiled_paths.get(id(model), LEAST_JAX_PATHS), count)
    _compiled_paths[id(model)] = full
    filled = [_filled(arrays, full - count) for arrays in (drawn.values, drawn.law, by_path)]
    outputs = compiled(model)(filled[0], filled[1], {**given, **filled[2]})
    return {name: np.asarray(array)[..., :count] for name, array in outputs.items()}


def _filled(arrays: Values, more: int) -> Values:
    """The arrays with their last path repeated `more` times."""
    return {
        name: np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, more)], mode="edge")
        for name, array in arrays.items()
    }


def compiled(model: Model) -> Any:
    """The compiled run of a model; the model is kept so that its identity stays its own."""
    if id(model) not in _compiled_runs:
        _compiled_runs[id(model)] = (model, _compile(model))
    return _compiled_runs[id(model)][1]


_compiled_runs: dict[int, tuple[Model, Any]] = {}
_compiled_paths: dict[int, int] = {}


def _compile(model: Model) -> Any:
    import jax
    import jax.numpy as jnp

    def run(values: Values, law: Values, given: Values) -> Values:
        first = {name: array[0] for name, array in given.items()}
        state = opening_state(jnp, model, values, law, first)

        def one(state: Values, month: Values) -> tuple[Values, Values]:
            new_state, out = step(jnp, model, values, law, state, month)
            # A scan wants the state to come back with the types it went in with.
            same = jax.tree.map(lambda new, old: jnp.asarray(new, dtype=old.dtype), new_state, state)
            return same, kept(out)

        outputs: Values = jax.lax.scan(one, state, given)[1]
        return outputs

    return jax.jit(run)
