from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.entities import find_chip
from dualtrack.measures.weights import (
    MEASURES,
    chip_weights,
    domestic_weights,
    opening_weights,
    serving_weight,
    training_weight,
)
from dualtrack.simulate.kernel import run_numpy

rates = st.floats(0.01, 20.0)
prompts = st.floats(0.0, 50.0)
intensities = st.floats(1.0, 5000.0)
H200, H20 = find_chip("h200"), find_chip("h20")


def over_h20(prompt_tokens: float, intensity: float) -> float:
    """The H200 against the H20 in serving."""
    mix = (prompt_tokens, intensity)
    return float(
        serving_weight(H200.h100e, H200.decode_weight, *mix)
        / serving_weight(H20.h100e, H20.decode_weight, *mix)
    )


@given(arithmetic=rates, bandwidth=rates, prompt_tokens=prompts, intensity=intensities)
def test_serving_lies_between_arithmetic_and_bandwidth(arithmetic, bandwidth, prompt_tokens, intensity):
    weight = serving_weight(arithmetic, bandwidth, prompt_tokens, intensity)
    low, high = sorted((arithmetic, bandwidth))
    # The chip may be bound by arithmetic where the H100 is bound by memory, so the sum of both bounds applies.
    assert weight <= high * (1 + 1e-9)
    assert weight >= low * (1 - 1e-9)


@given(arithmetic=rates, bandwidth=rates, prompt_tokens=prompts, intensity=intensities, more=st.floats(1, 5))
def test_a_faster_chip_never_serves_less(arithmetic, bandwidth, prompt_tokens, intensity, more):
    mix = (prompt_tokens, intensity)
    weight = serving_weight(arithmetic, bandwidth, *mix)
    assert serving_weight(arithmetic * more, bandwidth, *mix) >= weight * (1 - 1e-12)
    assert serving_weight(arithmetic, bandwidth * more, *mix) >= weight * (1 - 1e-12)


@given(prompt_tokens=prompts, intensity=intensities)
def test_an_h100_counts_one_whatever_the_mix(prompt_tokens, intensity):
    assert serving_weight(1.0, 1.0, prompt_tokens, intensity) == pytest.approx(1.0)


def test_one_user_alone_is_bound_by_memory_and_a_long_prompt_by_arithmetic():
    assert over_h20(0.0, 2.0) == pytest.approx(4800 / 4000)
    assert over_h20(1e6, 2.0) == pytest.approx(1979 / 296, rel=1e-3)


def test_writing_turns_from_memory_to_arithmetic_at_the_chips_own_ridge():
    ridge = 296e12 / 4000e9  # FLOP per byte of an H20
    assert over_h20(0.0, 0.99 * ridge) == pytest.approx(4800 / 4000)
    above = over_h20(0.0, 1.1 * ridge)
    assert above == pytest.approx(1.1 * 4800 / 4000)


def test_two_operators_measured_what_the_roofline_gives_in_large_deployments(book):
    """Eight H800 against eight H20 while writing, two operators: the high end of the drawn intensity."""
    seen = book.get("serving.deepseek.h800_decode").number / book.get("serving.ant.h20_decode").number
    h800 = find_chip("h800")
    mix = (0.0, 230.0)
    model = serving_weight(h800.h100e, h800.decode_weight, *mix) / serving_weight(
        H20.h100e, H20.decode_weight, *mix
    )
    assert seen == pytest.approx(2.6, abs=0.05)
    assert model == pytest.approx(seen, rel=0.03)


def test_the_middle_prompt_is_what_a_day_of_service_computed_for_a_token_written(book, model_for):
    read = book.get("serving.deepseek.input_tokens").number
    cached = book.get("serving.deepseek.cache_share").number / 100.0
    computed = read * (1.0 - cached) / book.get("serving.deepseek.output_tokens").number
    middle = model_for(paths=1).scenario.settings["serving.prompt_tokens"].range.mid
    assert computed == pytest.approx(middle, rel=0.02)


@given(rate=rates, gain=st.floats(0, 1))
def test_training_gives_no_credit_for_integers(rate, gain):
    assert training_weight(rate, True, gain) == pytest.approx(rate)
    assert training_weight(rate, False, gain) == pytest.approx(rate / (1 + gain))


def test_domestic_chips_weigh_what_the_months_weighed(model_for, drawn_for):
    """The kernel and the measures mix generations and makers each for itself; both must agree."""
    drawn = drawn_for(paths=30)
    model = model_for(paths=30)
    outputs = run_numpy(model, drawn)
    found = domestic_weights(model, drawn.values, outputs["huawei"], outputs["other"])
    np.testing.assert_allclose(found["h100e"], outputs["domestic_unit_h100e"], rtol=1e-9)
    plain = {**drawn.values, "training.fp8_gain": np.zeros(30)}
    at_16_bit = domestic_weights(model, plain, outputs["huawei"], outputs["other"])["training"]
    bought = outputs["domestic_bought"].sum(axis=1)
    np.testing.assert_allclose(at_16_bit * bought, outputs["domestic_training"].sum(axis=1), rtol=1e-9)


def test_a_fleet_of_one_chip_weighs_what_the_chip_does(model_for, drawn_for):
    drawn = drawn_for(paths=5)
    model = model_for(paths=5)
    only = {name: np.zeros(5) for name in [*model.opening_chips, "opening_mix.other"]}
    values = {**drawn.values, **only, "opening_mix.h20": np.ones(5)}
    fleet, chip = opening_weights(model, values), chip_weights(values, H20)
    for measure in MEASURES:
        np.testing.assert_allclose(fleet[measure], chip[measure] / H20.h100e)


def test_counts_by_chip_are_the_fact_books_quarters(book, model_for):
    settings = model_for(paths=1).scenario.settings
    for key, chips in {"a800": ("a100", "a800"), "h800": ("h800",), "h20": ("h20",)}.items():
        stems = tuple(f"nvidia.units.china.{chip}.2" for chip in chips)
        quarters = [book.get(name).number for name in book if name.startswith(stems) and "q" in name[-2:]]
        assert sum(quarters) == pytest.approx(settings[f"opening_mix.{key}"].range.mid, rel=0.01)


def test_the_counts_add_up_to_the_licensed_and_domestic_stock(model_for, drawn_for, book):
    drawn, model = drawn_for(paths=400), model_for(paths=400)
    counted = drawn.values["opening_mix.other"] * drawn.values["domestic.other_h100e"]
    for key, chip in model.opening_chips.items():
        counted = counted + drawn.values[key] * chip.h100e
    stock = book.get("stock.china.official.h100e.2025q4")
    assert stock.low < np.median(counted) < stock.high
