from __future__ import annotations

import numpy as np
import pytest

from dualtrack.simulate.inputs import draw
from dualtrack.simulate.kernel import run_numpy


@pytest.mark.parametrize(
    ("scenario", "changes"),
    [
        ("open-door", ()),
        ("h200-truce", ("us.licence_validity_months=6", "vendor.allocation=max-min", "us.buyer_cap=60000")),
    ],
    ids=["open door", "truce with licences that lapse and a cap"],
)
def test_jax_and_numpy_give_the_same_outputs(model_for, scenario, changes):
    pytest.importorskip("jax")
    from dualtrack.simulate.kernel import run_jax

    model = model_for(changes, paths=200, months=36, scenario=scenario)
    drawn = draw(model, model.block(0, 200))
    one, other = run_numpy(model, drawn), run_jax(model, drawn)
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert other[name].shape == array.shape, name
        if name in ("binding", "power_binds", "memory_binds", "dies_bind"):
            # Names of what binds: where two limits are equal but for rounding, either may be named.
            assert np.mean(other[name] != array) < 2e-3, name
            continue
        # Rounding is judged beside the size of the outcome, not beside what cancels to nearly nothing.
        np.testing.assert_allclose(
            other[name], array, rtol=1e-9, atol=1e-9 * (1.0 + np.abs(array).max()), err_msg=name
        )
