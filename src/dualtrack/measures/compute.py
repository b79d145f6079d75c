"""Compute in China, at the five US hyperscalers and in the world, in H100-equivalents by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dualtrack.futures.draws import Array
from dualtrack.measures.history import History
from dualtrack.simulate import dated


@dataclass(frozen=True)
class Compute:
    """Stocks at month end, shape (month, path); openings, shape (path,)."""

    china: Array
    china_official: Array
    china_smuggled: Array
    china_rented: Array
    us5: Array
    world: Array
    domestic_share_added: Array
    opening: dict[str, Array]
    us_scale: Array


def compute_stocks(
    values: dict[str, Array],
    history: History,
    start: int,
    imports: Array,
    letter: Array,
    domestic: Array,
) -> Compute:
    """Add up each side's stock: opening, additions, losses, retirement.

    Args:
        imports: H100-equivalents of the channel's chip delivered, shape (month, path).
        letter: The same of letter-rule chips.
        domestic: The same of domestic chips.

    A chip is lost at a constant yearly rate and retired at the end of its economic life. Units bought in
    the run do not reach that age in it.
    """
    months = imports.shape[0]
    opening = {
        name: values[f"world.{name}"] * history.rolled[name]
        for name in ("china_official", "china_smuggled", "us5", "total")
    }
    numbers = np.arange(start, start + months, dtype=float)[:, None]
    years = (numbers - (start + dated.FLOW)) / 12.0
    # Growth fades: the exponent approaches 1 / fade instead of rising without end.
    faded = -np.expm1(-values["world.growth_fade"] * years) / values["world.growth_fade"]
    world_flow = values["world.flow"] * values["world.flow_growth"] ** faded
    smuggled_flow = (
        values["routes.smuggled_units"]
        * values["routes.smuggled_h100e"]
        * values["routes.smuggled_growth"] ** ((numbers - (start + dated.LAST_YEAR_MIDDLE)) / 12.0)
    )
    us5 = _stock(opening["us5"], world_flow * values["world.us5_share"], values, history, "us5", numbers)
    official = _stock(
        opening["china_official"], imports + letter + domestic, values, history, "china_official", numbers
    )
    smuggled = _stock(opening["china_smuggled"], smuggled_flow, values, history, "china_smuggled", numbers)
    # Imports and smuggled chips come out of the flow of the world's other makers; home-made chips add to it.
    world = _stock(opening["total"], world_flow + domestic, values, history, "total", numbers)
    rented = values["routes.rented_h100e"] * values["routes.rented_growth"] ** (
        (numbers - start + 1.0) / 12.0
    )
    added = np.cumsum(imports + letter + smuggled_flow + domestic, axis=0)
    return Compute(
        official + smuggled,
        official,
        smuggled,
        rented,
        us5,
        world,
        np.cumsum(domestic, axis=0) / np.maximum(added, 1e-9),
        {**opening, "china": opening["china_official"] + opening["china_smuggled"]},
        opening["us5"] / (history.stocks["us5"][-1] * history.rolled["us5"]),
    )


def stock_levels(
    opening: Array, added: Array, kept: Array | float = 1.0, leaving: Array | float = 0.0
) -> Array:
    """A stock at the end of each period: what is kept of it, and what came in, less what left.

    Args:
        opening: The stock before the first period, shape (path,).
        added: What comes in by period, in the same unit, shape (period, path).
        kept: Part of the stock that outlasts a period, one number or shape (path,).
        leaving: What leaves by period, beside that, one number or the shape of `added`.

    A stock never falls below 0.

    >>> stock_levels(np.array([10.0]), np.array([[4.0], [6.0]]), kept=0.5).ravel().tolist()
    [9.0, 10.5]
    """
    left = np.broadcast_to(leaving, added.shape)
    level = opening
    out = []
    for period in range(len(added)):
        level = np.maximum(level * kept + added[period] - left[period], 0.0)
        out.append(level)
    return np.stack(out)


def _stock(
    opening: Array, added: Array, values: dict[str, Array], history: History, name: str, numbers: Array
) -> Array:
    kept = 1.0 - values["world.hard_loss"] / 12.0
    rolled = history.stocks[name][-1] * history.rolled[name]
    scale = opening / rolled if rolled > 0.0 else np.zeros_like(opening)
    lived = values["world.economic_life"] * 12.0
    retired_before = _retired(history, name, numbers[0, 0] - 1.0 - lived)
    leaving = []
    survived = np.ones_like(opening)
    for month in range(len(numbers)):
        retired = _retired(history, name, numbers[month, 0] - lived)
        survived = survived * kept
        leaving.append((retired - retired_before) * scale * survived)
        retired_before = retired
    return stock_levels(opening, added, kept, np.stack(leaving))


def _retired(history: History, name: str, month: Array) -> Array:
    """What had been installed by a month of the history, and so has reached the end of its life."""
    grid = np.arange(history.first, history.first + len(history.stocks[name]), dtype=float)
    return np.interp(month, grid, history.stocks[name], left=0.0)
