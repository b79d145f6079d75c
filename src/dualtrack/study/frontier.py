"""The frontier of the ratio: what domestic makers gain and what imports lose, and where more of it helps nobody.

A stricter ratio asks for more domestic chips for each import. In the first calendar year of a run what is bought cannot yet have
raised what is made (a response takes longer than a year), so a year's deliveries can rise only out of what supply there is: once
it is used up, a stricter ratio only keeps imports out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dualtrack.results.questions import Question, parse_question
from dualtrack.results.summary import number, spread
from dualtrack.scenarios.scenario import Scenario
from dualtrack.study.grid import Grid
from dualtrack.study.points import Asked, MonthShare

RATIO = "china.ratio"
IMPORTS = "h200_delivered_cum"
COMPUTE = "china_compute_h100e"
DOMESTIC = "domestic_bought"
MISSING = "ratio_shortfall"
OWED = "ratio_obligation"
# Normal quantile of a 95 % interval of a mean: many points are compared, so the wider one is used.
WIDTH = 1.96
ONE_UNIT = 1.0
RESAMPLES = 1000

Document = dict[str, Any]
Values = Mapping[str, np.ndarray]


def has_frontier(grid: Grid) -> bool:
    """Whether the ratio runs alone through three numbers or more."""
    axis = grid.axes[0]
    return len(grid.axes) == 1 and axis.key.id == RATIO and axis.numbers is not None and len(axis.labels) > 2


def frontier_questions(months: Sequence[str]) -> list[Asked]:
    """What the frontier needs of each point."""
    years = _years(months)
    texts = [IMPORTS, f"{IMPORTS}@{years[0]}", COMPUTE, DOMESTIC, *(f"{DOMESTIC}@{year}" for year in years)]
    return [*(parse_question(text, months) for text in texts), MonthShare(MISSING), MonthShare(OWED)]


def _years(months: Sequence[str]) -> list[str]:
    return sorted({month[:4] for month in months})


def frontier(grid: Grid, at: Values, scenario: Scenario) -> Document:
    """The points of the frontier in the order of the ratio, the steps between them, and its marks.

    Args:
        at: Numbers by name, shape (point, path).
    """
    months = scenario.month_labels
    numbers = grid.axes[0].numbers
    assert numbers is not None
    order = np.argsort(numbers)
    year = _years(months)[0]
    imports, early_imports, compute, domestic, same_year = (
        at[parse_question(text, months).name][order]
        for text in (IMPORTS, f"{IMPORTS}@{year}", COMPUTE, DOMESTIC, f"{DOMESTIC}@{year}")
    )
    years = [(one, at[parse_question(f"{DOMESTIC}@{one}", months).name][order]) for one in _years(months)]
    rows = []
    for n, point in enumerate(order):
        row: Document = {
            "ratio": numbers[point],
            "imports": spread(imports[n]),
            "compute": spread(compute[n]),
            "domestic": spread(domestic[n]),
            "domestic_by_year": {one: spread(values[n]) for one, values in years},
            "months_owed": number(at[MonthShare(OWED).name][point].mean()),
            "months_missing": number(at[MonthShare(MISSING).name][point].mean()),
            "step": None,
        }
        if n:
            row["step"] = _step(
                imports[n] - imports[n - 1],
                early_imports[n] - early_imports[n - 1],
                compute[n] - compute[n - 1],
                domestic[n] - domestic[n - 1],
                same_year[n] - same_year[n - 1],
            )
        rows.append(row)
    ratios = [numbers[point] for point in order]
    return {
        "year": year,
        "imports": _name(IMPORTS, months),
        "compute": _name(COMPUTE, months),
        "domestic": _name(DOMESTIC, months),
        "points": rows,
        "compute_peak": compute_peak(ratios, compute, scenario.seed),
        "supply_stop": supply_stop(ratios, same_year, early_imports),
        "mean_stop": mean_stop(ratios, same_year, early_imports),
    }


def _name(text: str, months: Sequence[str]) -> Document:
    question: Question = parse_question(text, months)
    return {"name": question.name, "label": question.label, "unit": question.outcome.unit}


def _step(
    imports: np.ndarray,
    early_imports: np.ndarray,
    compute: np.ndarray,
    domestic: np.ndarray,
    same_year: np.ndarray,
) -> Document:
    """What a step up in the ratio changes, path by path."""
    fewer = early_imports < -ONE_UNIT
    more = same_year > ONE_UNIT
    return {
        "imports": mean_and_interval(imports),
        "imports_same_year": mean_and_interval(early_imports),
        "compute": mean_and_interval(compute),
        "domestic": mean_and_interval(domestic),
        "domestic_same_year": mean_and_interval(same_year),
        "p_imports_fall": number(fewer.mean()),
        "p_domestic_rises": number(more.mean()),
        # Of the paths that lose imports in the year, those in which its makers gain nothing by it.
        "p_stuck": number((fewer & ~more).sum() / fewer.sum()) if fewer.any() else None,
    }


def mean_and_interval(difference: np.ndarray) -> Document:
    """The mean of a paired difference with the 95 % interval of the mean."""
    mean = float(difference.mean())
    half = WIDTH * float(difference.std(ddof=1)) / np.sqrt(difference.size) if difference.size > 1 else np.nan
    return {"mean": number(mean), "low": number(mean - half), "high": number(mean + half)}


def compute_peak(ratios: Sequence[float], compute: np.ndarray, seed: int) -> Document:
    """The ratio at which mean compute in China is highest, with how sure that is over resamples of the paths."""
    means = compute.mean(axis=1)
    best = int(np.argmax(means))
    peaks = np.asarray(ratios)[np.argmax(resampled_means(compute, seed), axis=0)]
    low, high = np.quantile(peaks, [0.1, 0.9], method="nearest")
    return {
        "ratio": ratios[best],
        "low": float(low),
        "high": float(high),
        "share": float(np.mean(peaks == ratios[best])),
        "at_end": best == len(ratios) - 1,
        "gain": mean_and_interval(compute[best] - compute[0]),
        "loss_to_end": mean_and_interval(compute[-1] - compute[best]),
    }


def supply_stop(ratios: Sequence[float], same_year: np.ndarray, imports: np.ndarray) -> Document:
    """Path by path, the lowest ratio beyond which the year's makers deliver no more though fewer chips are let in.

    Args:
        same_year: Domestic deliveries of the year, shape (ratio, path).
        imports: Imports delivered by its end, same shape.

    Returns:
        Median and 80 % interval over the paths in which the ratio keeps out anything at all, the share of paths in which
        it does, the share of those in which deliveries still rise at the end, and by ratio the share that has stopped.
    """
    highest_later = np.maximum.accumulate(same_year[::-1], axis=0)[::-1]
    bitten = imports[-1] < imports[0] - ONE_UNIT
    stopped = (highest_later <= same_year + ONE_UNIT) & (imports[-1] < imports - ONE_UNIT)
    # Once deliveries have reached their highest they have stopped for all that is stricter.
    stopped = np.maximum.accumulate(stopped, axis=0)[:, bitten]
    if not bitten.any():
        return {"ratio": None, "low": None, "high": None, "p_bitten": 0.0, "p_rising": None, "by_ratio": None}
    by_ratio = stopped.mean(axis=1)

    def reached(share: float) -> float | None:
        found = np.flatnonzero(by_ratio >= share)
        return ratios[int(found[0])] if found.size else None

    return {
        "ratio": reached(0.5),
        "low": reached(0.1),
        "high": reached(0.9),
        "p_bitten": number(bitten.mean()),
        "p_rising": number(1.0 - by_ratio[-1]),
        "by_ratio": [number(share) for share in by_ratio],
    }


def mean_stop(ratios: Sequence[float], same_year: np.ndarray, imports: np.ndarray) -> Document | None:
    """The lowest ratio beyond which no stricter one raises the year's mean deliveries though imports still fall.

    A rise counts where the 95 % interval of the mean paired difference lies above zero. None where deliveries still
    rise at the end of the grid, or nothing falls beyond.
    """
    for n in range(len(ratios) - 1):
        later = [mean_and_interval(same_year[m] - same_year[n]) for m in range(n + 1, len(ratios))]
        # With one path there is no interval, and nothing can be said.
        if any(one["low"] is None or one["low"] > 0.0 for one in later):
            continue
        fall = mean_and_interval(imports[-1] - imports[n])
        if fall["high"] is not None and fall["high"] < 0.0:
            return {"ratio": ratios[n], "imports_to_end": fall, "domestic_to_end": later[-1]}
        return None
    return None


def resampled_means(values: np.ndarray, seed: int, resamples: int = RESAMPLES) -> np.ndarray:
    """Means of every row over resamples of the paths, the same resamples for all rows, shape (row, resample)."""
    paths = values.shape[1]
    generator = np.random.default_rng([seed, paths])
    out = np.empty((values.shape[0], resamples))
    some = max(1, min(resamples, 2_000_000 // max(paths, 1)))
    for start in range(0, resamples, some):
        count = min(some, resamples - start)
        weights = generator.multinomial(paths, np.full(paths, 1.0 / paths), size=count)
        out[:, start : start + count] = values @ (weights.T / paths)
    return out
