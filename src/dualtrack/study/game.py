"""Two regulators: each side's best reply to every value of the other's key, and where both reply best to each other.

A side owns the key that bears its name (`us.share_limit`, `china.ratio`). What it wants is a weighted sum of outcomes; its payoff at a
point is the mean over paths. Nothing here says that governments do this: it says what the stated weights would have them do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualtrack.errors import Fault
from dualtrack.months import month_label
from dualtrack.parallel import Where
from dualtrack.results.questions import Question
from dualtrack.results.summary import number, spread
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.resolve import resolve_text
from dualtrack.scenarios.specs import Spec
from dualtrack.study.frontier import RESAMPLES, mean_and_interval, resampled_means
from dualtrack.study.grid import MOST_KEYS, Grid
from dualtrack.study.jobs import Store
from dualtrack.study.objectives import SIDES, Objective, choose_objectives
from dualtrack.study.points import Points, run_points

OTHER = {"us": "china", "china": "us"}
# Payoffs this near each other, relative to the largest, are the same on every path and differ by rounding.
SAME = 1e-9
LEAST_SHARE = 0.01

Document = dict[str, Any]
Mask = np.ndarray


@dataclass(frozen=True)
class Game:
    """Who moves which key, and what each side wants.

    Attributes:
        axis_of: The position of each side's key in the grid.
    """

    axis_of: Mapping[str, int]
    objectives: Mapping[str, Objective]

    @property
    def questions(self) -> list[Question]:
        return [question for one in self.objectives.values() for _, question in one.terms]


def choose_game(
    grid: Grid | None, texts: Sequence[str], months: Sequence[str], faults: list[Fault]
) -> Game | None:
    """The game on a grid; what is wrong is added to `faults`."""
    wrong: list[str] = []
    objectives = choose_objectives(texts, months, wrong)
    faults += [Fault(what) for what in wrong]
    if grid is None:
        return None
    owners = [axis.key.id.partition(".")[0] for axis in grid.axes]
    if len(owners) < MOST_KEYS or set(owners) != set(SIDES):
        faults.append(
            Fault(
                "best replies need two keys, one of each side: --over us.KEY=... and --over china.KEY=..., for example "
                "us.share_limit and china.ratio",
                key="--over",
            )
        )
        return None
    return Game({side: owners.index(side) for side in SIDES}, objectives) if not wrong else None


def play(
    game: Game,
    grid: Grid,
    points: Points,
    own: Mapping[str, np.ndarray],
    at: Mapping[str, np.ndarray],
    *,
    where: Where,
    store: Store | None,
) -> Document:
    """Best replies, fixed points, and what each side's power to close its gate is worth.

    Args:
        own: Numbers of the scenario's own setting by name, shape (path,).
        at: Numbers of every point by name, shape (point, path).
    """
    seed = points.own.model.scenario.seed
    values = {side: one.values(at) for side, one in game.objectives.items()}
    own_values = {side: one.values(own) for side, one in game.objectives.items()}
    means = {side: _squared(array.mean(axis=1), grid, game) for side, array in values.items()}
    resampled = {side: _squared(resampled_means(array, seed), grid, game) for side, array in values.items()}
    best = {side: best_replies(means[side], side) for side in SIDES}
    best_resampled = {side: best_replies(resampled[side], side) for side in SIDES}
    fixed = best["us"] & best["china"]
    fixed_resampled = best_resampled["us"] & best_resampled["china"]
    labels = {side: grid.axes[game.axis_of[side]].labels for side in SIDES}
    shares = fixed_resampled.mean(axis=-1)
    places = [(int(u), int(c)) for u, c in np.argwhere(fixed)]
    document: Document = {
        "resamples": RESAMPLES,
        "sides": {
            side: {
                "key": grid.axes[game.axis_of[side]].key.id,
                "objective": one.text,
                "assumption": one.assumption,
                "terms": [
                    {
                        "weight": weight,
                        "outcome": question.name,
                        "label": question.label,
                        "unit": question.outcome.unit,
                    }
                    for weight, question in one.terms
                ],
                "own": number(own_values[side].mean()),
            }
            for side, one in game.objectives.items()
        },
        "payoffs": {side: [[number(value) for value in row] for row in means[side]] for side in SIDES},
        "best_replies": {
            side: _replies(side, labels, means[side], best[side], best_resampled[side]) for side in SIDES
        },
        "fixed_points": [
            {
                "at": _at(game, grid, place),
                "at_end": _at_end(game, grid, place),
                "share": number(shares[place]),
                "payoffs": {side: number(means[side][place]) for side in SIDES},
            }
            for place in places
        ],
        "in_resamples": sorted(
            (
                {"at": _at(game, grid, (int(u), int(c))), "share": number(shares[u, c])}
                for u, c in np.argwhere(shares >= LEAST_SHARE)
            ),
            key=lambda one: -float(one["share"] or 0.0),
        ),
        "share_without": number(np.mean(~fixed_resampled.any(axis=(0, 1)))),
        "cycle": None if places else [_at(game, grid, place) for place in cycle(best)],
    }
    document["chip"] = _worth(game, grid, points, _where_measured(places, shares), where, store)
    return document


def _squared(by_point: np.ndarray, grid: Grid, game: Game) -> np.ndarray:
    """By point to (US value, Chinese value, ...)."""
    square = by_point.reshape(*grid.shape, *by_point.shape[1:])
    return square if game.axis_of["us"] == 0 else np.swapaxes(square, 0, 1)


def best_replies(payoffs: np.ndarray, side: str) -> Mask:
    """Where a side's own value is best against the other's, shape of `payoffs`: (US value, Chinese value, ...).

    More than one value is best where they tie.
    """
    axis = list(SIDES).index(side)
    most = payoffs.max(axis=axis, keepdims=True)
    found: Mask = payoffs >= most - SAME * np.abs(payoffs).max()
    return found


def cycle(best: Mapping[str, Mask]) -> list[tuple[int, int]]:
    """Where replies in turn lead when no point is a fixed one: the points gone through again and again.

    Both begin at their first value, the United States reply first, and of tied replies the lowest is taken.
    """
    us, china = 0, 0
    seen: list[tuple[int, int]] = []
    while (us, china) not in seen:
        seen.append((us, china))
        us = int(np.argmax(best["us"][:, china]))
        china = int(np.argmax(best["china"][us, :]))
    return seen[seen.index((us, china)) :]


def _replies(
    side: str, labels: Mapping[str, Sequence[str]], means: np.ndarray, best: Mask, resampled: Mask
) -> list[Document]:
    """One row for each value of the other's key."""
    if side == "china":
        means, best, resampled = means.T, best.T, np.swapaxes(resampled, 0, 1)
    own = labels[side]
    rows = []
    for n, against in enumerate(labels[OTHER[side]]):
        tied = np.flatnonzero(best[:, n])
        # Of values that tie in a resample each has its part of it.
        weight = (resampled[:, n] / resampled[:, n].sum(axis=0)).mean(axis=1)
        reached = np.cumsum(weight)
        rows.append(
            {
                "against": against,
                "values": [own[int(place)] for place in tied],
                "share": number(resampled[tied, n].all(axis=0).mean()),
                "low": own[int(np.searchsorted(reached, 0.1))],
                "high": own[min(int(np.searchsorted(reached, 0.9)), len(own) - 1)],
                "payoff": number(means[tied[0], n]),
                "worst": number(means[:, n].min()),
            }
        )
    return rows


def _at(game: Game, grid: Grid, place: tuple[int, int]) -> dict[str, str]:
    return {
        grid.axes[game.axis_of[side]].key.id: grid.axes[game.axis_of[side]].labels[n]
        for side, n in zip(SIDES, place, strict=True)
    }


def _at_end(game: Game, grid: Grid, place: tuple[int, int]) -> list[str]:
    """Keys whose value there is the first or last of a row of numbers."""
    return [
        grid.axes[game.axis_of[side]].key.id
        for side, n in zip(SIDES, place, strict=True)
        if grid.axes[game.axis_of[side]].numbers is not None
        and n in (0, len(grid.axes[game.axis_of[side]].labels) - 1)
    ]


def _where_measured(places: list[tuple[int, int]], shares: np.ndarray) -> tuple[int, int] | None:
    """The fixed point that most resamples confirm."""
    return max(places, key=lambda place: float(shares[place])) if places else None


def closings(start: int) -> dict[str, dict[str, Spec]]:
    """What shuts each gate by decree from the first month to the last, by side."""
    keys = load_keys()
    typed = {"revocation": month_label(start - 1), "notice_months": "0", "revocation_months": "1000"}
    return {
        side: {f"{side}.{name}": resolve_text(keys[f"{side}.{name}"], text) for name, text in typed.items()}
        for side in SIDES
    }


def _worth(
    game: Game, grid: Grid, points: Points, place: tuple[int, int] | None, where: Where, store: Store | None
) -> Document:
    """What either side loses when the other shuts its gate from the start, path by path."""
    scenario = points.own.model.scenario
    at: dict[str, Spec] = {}
    if place is None:
        points = Points(points.own, points.own, points.asked)
    else:
        for side, n in zip(SIDES, place, strict=True):
            axis = grid.axes[game.axis_of[side]]
            at[axis.key.id] = axis.specs[n]
    shut = closings(scenario.start)
    found = run_points(points, [at, *({**at, **shut[side]} for side in SIDES)], where=where, store=store)
    worth: Document = {
        "at": None if place is None else _at(game, grid, place),
        "sides": {},
    }
    for side, objective in game.objectives.items():
        both = objective.values(found)
        closed = 1 + list(SIDES).index(OTHER[side])
        difference = both[0] - both[closed]
        worth["sides"][side] = {
            "open": number(both[0].mean()),
            "closed": number(both[closed].mean()),
            "loss": {**spread(difference), **mean_and_interval(difference)},
            "p_loss": number(np.mean(difference > 0.0)),
        }
    return worth
