"""The document of a study of drivers: plain numbers, ready for JSON and for its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dualtrack.results.questions import Question
from dualtrack.results.summary import number, spread
from dualtrack.study.conclusions import Conclusion
from dualtrack.study.designs import STEP, MorrisDesign, SobolDesign
from dualtrack.study.discovery import MOST_INPUTS, Box, Discovery, Limit, Measure, discover
from dualtrack.study.drivers import STUDY, Simulated
from dualtrack.study.factors import Factor, Member
from dualtrack.study.indices import LEVEL, Estimate, as_ranks, morris_effects, sobol_indices, varies
from dualtrack.study.swings import End, Shift, Swing, shifts, swings
from dualtrack.version import __version__

Document = dict[str, Any]

# A hundredth of the rows, by how far they lie from the mean.
TAIL = 0.01


def drivers_document(simulated: Simulated, command: str) -> Document:
    """Everything the study found.

    Args:
        command: What makes it again.
    """
    asked, scenario = simulated.asked, simulated.task.model.scenario
    return {
        "study": STUDY,
        "command": command,
        "version": __version__,
        "scenario": scenario.name,
        "title": scenario.title,
        "known_by": scenario.known_by.isoformat(),
        "months": [scenario.month_labels[0], scenario.month_labels[-1]],
        "chip": scenario.chip.id,
        "paths": scenario.paths,
        "seed": scenario.seed,
        "method": asked.method,
        "base": asked.base,
        "rows": simulated.design.rows,
        "on": asked.scale,
        "level": LEVEL,
        "step": STEP if asked.method == "morris" else None,
        "inputs": [_input(factor) for factor in simulated.factors],
        "outcomes": [_outcome(simulated, question) for question in asked.outcomes],
        "conclusions": [_conclusion(simulated, conclusion) for conclusion in asked.conclusions],
    }


def _input(factor: Factor) -> Document:
    return {
        "name": factor.name,
        "what": factor.what,
        "members": [_member(member) for member in factor.members],
    }


def _member(member: Member) -> Document:
    found: Document = {"key": member.key, "what": member.what, "unit": member.unit}
    if member.names:
        weights = np.diff(member.edges())
        return found | {"reports": dict(zip(member.names, map(float, weights), strict=True))}
    low, mid, high = member.values(np.array([0.1, 0.5, 0.9]))
    return found | {"p10": number(low), "p50": number(mid), "p90": number(high)}


def _outcome(simulated: Simulated, question: Question) -> Document:
    values, rows = simulated.values[question.name], simulated.rows[question.name]
    found = _named(question)
    found |= {
        "paths": spread(values),
        "design": spread(_base_rows(simulated.design, rows)),
        "tail": _tail(values),
        **_strengths(simulated, rows),
    }
    moved = varies(values[np.isfinite(values)]) if np.isfinite(values).any() else False
    found["tornado"] = (
        [_swing(swing) for swing in swings(simulated.members, simulated.uniforms, values)] if moved else []
    )
    return found


def _conclusion(simulated: Simulated, conclusion: Conclusion) -> Document:
    question = conclusion.question
    values = simulated.values[question.name]
    holds = conclusion.holds(values)
    found = _named(question) | {
        "text": conclusion.text,
        "comparison": conclusion.comparison,
        "value": conclusion.value,
        "share": float(holds.mean()),
        "undefined": float(np.isnan(values).mean()),
        "paths": spread(values),
        **_strengths(simulated, conclusion.holds(simulated.rows[question.name]).astype(np.float64)),
    }
    moved = shifts(simulated.members, simulated.uniforms, holds)
    found["regional"] = [_shift(shift) for shift in moved]
    return found | _discovered(_discovery(simulated, moved, holds))


def _discovery(simulated: Simulated, moved: Sequence[Shift], holds: np.ndarray) -> Discovery | None:
    if not moved:
        return None
    place = {member.key: n for n, member in enumerate(simulated.members)}
    leading = [place[shift.key] for shift in moved[:MOST_INPUTS]]
    return discover([simulated.members[n] for n in leading], simulated.uniforms[leading], holds)


def _named(question: Question) -> Document:
    return {
        "name": question.name,
        "outcome": question.outcome.name,
        "label": question.label,
        "unit": question.outcome.unit,
        "period": question.period,
        "partial": question.partial,
    }


def _strengths(simulated: Simulated, rows: np.ndarray) -> Document:
    """How strongly each factor moves the rows' values; why not, where that cannot be said."""
    undefined = float(np.isnan(rows).mean())
    found: Document = {"undefined_rows": undefined, "varies": True, "indices": None, "effects": None}
    if undefined:
        return found | {"varies": varies(rows[np.isfinite(rows)]) if undefined < 1.0 else False}
    if not varies(rows):
        return found | {"varies": False}
    values = as_ranks(rows) if simulated.asked.scale == "ranks" else rows
    seed = simulated.task.model.scenario.seed
    design = simulated.design
    if isinstance(design, SobolDesign):
        if not varies(_base_rows(design, values)):
            return found | {"varies": False}
        return found | {"indices": _indices(design, values, seed)}
    return found | {"effects": _effects(design, simulated.factors, values, seed)}


def _indices(design: SobolDesign, values: np.ndarray, seed: int) -> Document:
    found = sobol_indices(design, values, seed)
    return {
        "inputs": [
            {
                "name": found.names[n],
                "first": _estimate(found.first[n]),
                "total": _estimate(found.total[n]),
            }
            for n in found.order
        ],
        "sum_of_first": _estimate(found.sum_of_first),
        "inputs_alone": _estimate(found.inputs_alone),
        "settled": found.settled,
    }


def _effects(design: MorrisDesign, factors: Sequence[Factor], values: np.ndarray, seed: int) -> Document:
    found = morris_effects(design, factors, values, seed)
    return {
        "inputs": [
            {
                "name": found.names[n],
                "size": _estimate(found.size[n]),
                "mean": found.mean[n],
                "deviation": found.deviation[n],
            }
            for n in found.order
        ]
    }


def _base_rows(design: SobolDesign | MorrisDesign, rows: np.ndarray) -> np.ndarray:
    """The rows that are a sample of the scenario by themselves; all of them for trajectories, which are none."""
    if isinstance(design, MorrisDesign):
        return rows
    cube = rows.reshape(design.base, -1)
    return np.concatenate([cube[:, 0], cube[:, -1]])


def _tail(values: np.ndarray) -> float | None:
    """The part of the variance that the TAIL of paths furthest from the mean holds."""
    defined = values[np.isfinite(values)]
    if defined.size < 1 / TAIL or not varies(defined):
        return None
    squares = np.sort((defined - defined.mean()) ** 2)[::-1]
    return float(squares[: max(1, int(TAIL * squares.size))].sum() / squares.sum())


def _estimate(found: Estimate) -> Mapping[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}


def _swing(swing: Swing) -> Document:
    return {
        "key": swing.key,
        "low": _end(swing.low),
        "high": _end(swing.high),
        "change": swing.change,
        "interval": [swing.change - swing.half_width, swing.change + swing.half_width],
        "clear": swing.clear,
    }


def _end(end: End) -> Document:
    return {
        "where": end.where,
        "from": None if end.low is None else number(end.low),
        "to": None if end.high is None else number(end.high),
        "paths": end.paths,
        "mean": end.mean,
        "median": end.median,
    }


def _shift(shift: Shift) -> Document:
    return {
        "key": shift.key,
        "distance": shift.distance,
        "threshold": shift.threshold,
        "clear": shift.clear,
        "median_if_holds": shift.median_if_holds,
        "median_if_not": shift.median_if_not,
        "shares_if_holds": shift.shares_if_holds,
        "shares_if_not": shift.shares_if_not,
    }


def _discovered(found: Discovery | None) -> Document:
    if found is None:
        return {"looked_for": None, "searched": [], "boxes": [], "trajectory": []}
    return {
        "looked_for": "holds" if found.looked_for else "fails",
        "searched": list(found.inputs),
        "boxes": [_box(box) for box in found.boxes],
        "trajectory": [
            {"coverage": coverage, "density": density, "inputs": inputs}
            for coverage, density, inputs in found.trajectory
        ],
    }


def _box(box: Box) -> Document:
    return {
        "limits": [_limit(limit) for limit in box.limits],
        "searched": _measure(box.found),
        "checked": _measure(box.checked),
    }


def _limit(limit: Limit) -> Document:
    return {
        "key": limit.key,
        "low": limit.low,
        "high": limit.high,
        "low_probability": limit.low_probability,
        "high_probability": limit.high_probability,
        "reports": list(limit.names),
        "quasi_p": limit.quasi_p,
    }


def _measure(found: Measure) -> Document:
    return {
        "coverage": found.coverage,
        "density": found.density,
        "paths": found.paths,
        "cases": found.cases,
        "cases_inside": found.inside,
    }
