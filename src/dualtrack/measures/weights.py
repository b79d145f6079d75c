"""What a chip counts on each measure of compute: arithmetic, training, serving, memory bandwidth.

Every measure is in H100s, so that one H100 counts 1 on each. Arithmetic is the dense 8-bit rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dualtrack.entities import H100_BANDWIDTH, H100_RIDGE_8BIT, Chip
from dualtrack.futures.draws import Array
from dualtrack.simulate.arrays import Values
from dualtrack.simulate.domestic import MONTHS_TO_FULL_SHARE, NEWEST_SHARE
from dualtrack.simulate.model import Generation, Model

MEASURES = ("h100e", "training", "serving", "bandwidth")

Weights = dict[str, Array]


def serving_weight(
    arithmetic: float | Array,
    bandwidth: float | Array,
    prompt_tokens: float | Array,
    intensity: float | Array,
) -> Array:
    """How much a chip serves of large models, against an H100: a roofline over both phases of an answer.

    A prompt is computed in one pass and bound by arithmetic. The answer is written token by token and
    bound by arithmetic or by memory, whichever is slower. What counts is the time for both together.

    Args:
        arithmetic: The chip's dense 8-bit rate against an H100's.
        bandwidth: Its memory bandwidth against an H100's.
        prompt_tokens: Prompt tokens computed for each token written.
        intensity: FLOP for each byte read while writing; the batch sets it.

    Memory size, interconnect and software are left out: the chip is taken to reach the roofline, as the
    H100 is, and to hold the same batch.

    >>> float(serving_weight(1.0, 1.0, 1.6, 120.0))
    1.0
    """
    ridge = H100_RIDGE_8BIT / np.asarray(intensity)
    of_h100 = prompt_tokens + np.maximum(1.0, ridge)
    return np.asarray(
        of_h100
        / (
            prompt_tokens / np.asarray(arithmetic)
            + np.maximum(1.0 / np.asarray(arithmetic), ridge / bandwidth)
        )
    )


def training_weight(rate_16bit: float | Array, has_fp8: float | Array, fp8_gain: float | Array) -> Array:
    """How much a chip trains, against an H100: its 16-bit rate, and credit for 8-bit floating point.

    Args:
        rate_16bit: Dense 16-bit rate against an H100's.
        has_fp8: Whether it has 8-bit floating point, or the part of a fleet that has; integer rates do not count.
        fp8_gain: How much faster a run is for it; 0 leaves the 16-bit rate.

    >>> float(training_weight(0.76, False, 0.0)), round(float(training_weight(0.76, False, 0.25)), 3)
    (0.76, 0.608)
    """
    return np.asarray(rate_16bit * (1.0 + np.asarray(fp8_gain) * has_fp8) / (1.0 + np.asarray(fp8_gain)))


def weights_of(
    values: Mapping[str, Array],
    h100e: float | Array,
    rate_16bit: float | Array,
    bandwidth: float | Array,
    has_fp8: float | Array,
) -> Weights:
    """A chip's weight on each measure under each path's mix of work, shape (path,) or a number.

    Args:
        values: Drawn inputs: `serving.prompt_tokens`, `serving.decode_intensity`, `training.fp8_gain`.
        bandwidth: Memory bandwidth against an H100's.
    """
    return {
        "h100e": np.asarray(h100e),
        "training": training_weight(rate_16bit, has_fp8, values["training.fp8_gain"]),
        "serving": serving_weight(
            h100e, bandwidth, values["serving.prompt_tokens"], values["serving.decode_intensity"]
        ),
        "bandwidth": np.asarray(bandwidth),
    }


def chip_weights(values: Mapping[str, Array], chip: Chip) -> Weights:
    """A catalogue chip's weight on each measure.

    Every figure must be known; a run refuses a chip that lacks one before it starts.
    """
    assert chip.h100e is not None and chip.training_weight is not None and chip.decode_weight is not None
    return weights_of(values, chip.h100e, chip.training_weight, chip.decode_weight, chip.has_fp8)


def generation_shares(model: Model, months: Sequence[int]) -> Array:
    """Part of Ascend packages that each generation makes up, oldest first, shape (month, generation)."""
    shares = np.zeros((len(months), 1 + len(model.generations)))
    shares[:, 0] = 1.0
    for place, generation in enumerate(model.generations, 1):
        age = (np.asarray(months) - generation.first_month) / MONTHS_TO_FULL_SHARE
        newest = NEWEST_SHARE * np.clip(age, 0.0, 1.0)
        shares *= 1.0 - newest[:, None]
        shares[:, place] = newest
    return shares


def domestic_weights(model: Model, values: Values, huawei: Array, other: Array) -> Weights:
    """Weight of the mean domestic accelerator by month, shape (month, path).

    Args:
        huawei, other: Packages and accelerators finished in each month, shape (month, path).
    """
    start = model.scenario.start
    shares = generation_shares(model, range(start, start + len(huawei)))
    generations = [_generation(values, g) for g in (model.first_generation, *model.generations)]
    rest = other_weights(values)
    part = huawei / np.maximum(huawei + other, 1e-9)
    out: Weights = {}
    for measure in MEASURES:
        ascend = sum(
            (shares[:, [place]] * found[measure] for place, found in enumerate(generations)),
            start=np.zeros((len(huawei), 1)),
        )
        out[measure] = rest[measure] + part * (ascend - rest[measure])
    return out


def other_weights(values: Mapping[str, Array]) -> Weights:
    """Weight of an accelerator of the other Chinese makers; none of them is counted as having FP8."""
    h100e = values["domestic.other_h100e"]
    return weights_of(values, h100e, h100e, values["domestic.other_bandwidth"] / H100_BANDWIDTH, False)


def opening_weights(model: Model, values: Mapping[str, Array]) -> Weights:
    """Weight of one H100-equivalent of the licensed and domestic stock at the start, shape (path,).

    The counts by chip give the mix; the size of the stock is a draw of its own.
    """
    fleet = [(values[key], chip_weights(values, chip)) for key, chip in model.opening_chips.items()]
    fleet.append((values["opening_mix.other"], other_weights(values)))
    sums = {
        measure: sum((units * found[measure] for units, found in fleet), start=np.zeros_like(fleet[0][0]))
        for measure in MEASURES
    }
    whole = np.maximum(sums["h100e"], 1e-9)
    return {measure: array / whole for measure, array in sums.items()}


def us_weights(values: Mapping[str, Array]) -> Weights:
    """Weight of one H100-equivalent of the five US hyperscalers, shape (path,)."""
    return weights_of(values, 1.0, 1.0, values["opening_mix.us5_bandwidth"], values["opening_mix.us5_fp8"])


def _generation(values: Mapping[str, Array], found: Generation) -> Weights:
    return weights_of(values, found.h100e, found.training_weight, found.decode_weight, found.has_fp8)
