"""Judge every claim of a file and say it as one plain document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dualtrack.facts.cite import source_row
from dualtrack.months import month_label, parse_month
from dualtrack.parallel import Where
from dualtrack.results.dataset import describe
from dualtrack.results.summary import number, spread
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import origins
from dualtrack.session import sources_of
from dualtrack.study.claims.files import Claim, ClaimsFile, Line, ready_claims
from dualtrack.study.claims.runs import JUDGED, CannotBeJudged, Ground, Plan
from dualtrack.study.claims.sample import MONTH, Sample
from dualtrack.study.claims.verdicts import UNJUDGED, VERDICTS, Verdict, combined, is_close, verdict_of
from dualtrack.study.jobs import Progress
from dualtrack.study.paired import Kept, run_paired
from dualtrack.version import __version__

LEVELS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
# Below this part of futures a question arises too seldom to be judged on them.
LEAST_DEFINED = 0.05


def judge(
    file: ClaimsFile, plan: Plan, *, command: str, where: Where, progress: Progress | None = None
) -> dict[str, Any]:
    """The document of `claims --json`.

    Args:
        plan: The scenario that is judged; it is told of the runs that the claims need.
        command: The command that makes the document again.

    Raises:
        ScenarioFault: A claim names what there is not; every fault is listed.
    """
    claims = ready_claims(file, plan)
    tasks = plan.tasks()
    kept: dict[int, Kept] = {}
    if tasks:
        found = run_paired(list(tasks.values()), plan.wanted, where=where, progress=progress)
        kept = dict(zip(tasks, found, strict=True))
    ground = Ground(plan, kept)
    judged = [_claim(claim, ground) for claim in claims]
    scenario = plan.judged
    return {
        "study": "claims",
        "command": command,
        "version": __version__,
        "title": file.entry.title,
        "about": file.entry.about,
        "file": file.document.label,
        "scenario": scenario.name,
        "scenario_title": scenario.title,
        "known_by": scenario.known_by.isoformat(),
        "paths": scenario.paths,
        "seed": scenario.seed,
        "months": [plan.months[0], plan.months[-1]],
        "changes": list(plan.changes),
        "runs": [
            {"name": plan.names[number], "simulated": number in plan.simulated}
            for number in sorted(plan.simulated | plan.drawn)
        ],
        "thresholds": {"holds_at": file.entry.holds_at, "fails_at": file.entry.fails_at},
        "counts": {verdict: sum(one["verdict"] == verdict for one in judged) for verdict in VERDICTS},
        "claims": judged,
        "sources": sources_of(scenario, tasks[JUDGED], plan.book) if JUDGED in tasks else [],
    }


def _claim(claim: Claim, ground: Ground) -> dict[str, Any]:
    measures = [_measure(line, ground) for line in claim.lines]
    counted = [one for one in measures if one["verdict"] is not None]
    verdict = combined([one["verdict"] for one in counted])
    by_verdict = {
        name: [one["name"] for one in counted if one["verdict"] == each]
        for name, each in zip(("holds_on", "partly_on", "fails_on"), VERDICTS, strict=False)
    }
    # The first measure with a number stands for the claim in the table.
    lead = next((one for one in counted if one["value"] is not None), counted[0])
    names = [*claim.entry.rests_on, *(name for line in claim.lines for name in line.entry.rests_on)]
    facts, assumptions = _what_it_rests_on(names, ground)
    sources = [row for one in measures for row in one.pop("cited")] + [
        source_row(ground.book.get(name)) for name in facts
    ]
    return {
        "id": claim.entry.id,
        "statement": claim.entry.statement,
        "verdict": verdict,
        **by_verdict,
        "missing": [one["missing"] for one in counted if one["missing"]],
        "because": claim.entry.because,
        "note": claim.entry.note,
        "lead": lead["name"],
        "value": lead["value"],
        "interval": lead["interval"],
        "unit": lead["unit"],
        "probability": lead["probability"],
        "measures": measures,
        "sources": _once(sources),
        "assumptions": assumptions,
    }


def _measure(line: Line, ground: Ground) -> dict[str, Any]:
    entry, criterion = line.entry, line.criterion
    out: dict[str, Any] = {
        "name": entry.name,
        "kind": line.kind,
        "what": entry.missing or "",
        "test": entry.test,
        "test_words": criterion.in_words if criterion else None,
        "because": entry.because,
        "holds_at": line.holds_at if criterion else None,
        "fails_at": line.fails_at if criterion else None,
        "verdict": None,
        "probability": None,
        "close": False,
        "basis": None,
        "count": 0,
        "undefined": 0.0,
        "never": None,
        "value": None,
        "interval": None,
        "mean": None,
        "unit": None,
        "missing": None,
        "notes": [],
        "facts": [],
        "cited": [],
    }
    try:
        sample = line.measure.evaluate(ground)
        out["undefined"] = float(np.isnan(sample.values).mean())
        verdict = _judged(line, sample, ground.plan.months[-1]) if criterion is not None else {}
        out |= _numbers(sample) | verdict
        if criterion is not None and criterion.percent and sample.unit == "ratio":
            out["unit"] = "fraction"
        out["cited"] = [
            *sample.cited,
            *(source_row(ground.book.get(name, ground.known_by)) for name in sample.facts),
        ]
    except CannotBeJudged as missing:
        out["missing"] = str(missing)
        out["verdict"] = UNJUDGED if criterion is not None or line.kind == "missing" else None
    return out


def _judged(line: Line, sample: Sample, last_month: str) -> dict[str, Any]:
    assert line.criterion is not None
    if sample.unit == MONTH and line.criterion.bounds[0] > parse_month(last_month):
        # What has not come about in the run may still do so by then.
        asked = month_label(int(line.criterion.bounds[0]))
        raise CannotBeJudged(f"months to {asked}: the run ends in {last_month}; give it more --months")
    defined = ~np.isnan(sample.values)
    if defined.mean() < LEAST_DEFINED:
        raise CannotBeJudged(
            f"futures in which the question arises: it is undefined in {100 * (1 - defined.mean()):.0f} % of them"
        )
    if sample.word is not None:
        share = float(sample.word in line.criterion.words)
    else:
        share = float(line.criterion.satisfied(sample.values[defined]).mean())
    verdict: Verdict = verdict_of(share, line.holds_at, line.fails_at)
    close = sample.basis == "futures" and is_close(share, int(defined.sum()), line.holds_at, line.fails_at)
    return {"verdict": verdict, "probability": share, "close": close}


def _numbers(sample: Sample) -> dict[str, Any]:
    """What is shown of a sample: median, 80 % interval, mean; months as labels, a word as it is."""
    out: dict[str, Any] = {
        "what": sample.what,
        "basis": sample.basis,
        "count": int(sample.values.size),
        "unit": sample.unit,
        "notes": list(sample.notes),
        "facts": list(sample.facts),
    }
    if sample.word is not None:
        return {**out, "value": sample.word}
    if sample.unit == MONTH:
        ordered = np.sort(sample.values)
        label = {name: _month(ordered[int(level * (ordered.size - 1))]) for name, level in LEVELS.items()}
        never = float(np.isinf(ordered).mean())
        return {**out, "value": label["p50"], "interval": [label["p10"], label["p90"]], "never": never}
    found = spread(np.where(np.isinf(sample.values), np.nan, sample.values))
    # What is beyond the run has no size, but its place in the order: it bounds the interval from one side.
    if np.isinf(sample.values).any():
        ordered = np.sort(sample.values[~np.isnan(sample.values)])
        found |= {name: number(ordered[int(level * (ordered.size - 1))]) for name, level in LEVELS.items()}
        found["mean"] = None
    value = found["p50"] if sample.told is None else sample.told
    return {**out, "value": value, "interval": [found["p10"], found["p90"]], "mean": found["mean"]}


def _month(value: float) -> str | None:
    """A month's label; None where it is never reached in the run."""
    return month_label(int(value)) if np.isfinite(value) else None


def _what_it_rests_on(names: Sequence[str], ground: Ground) -> tuple[list[str], list[dict[str, Any]]]:
    """Facts that are named, and the assumptions of keys that are named, with the facts behind them."""
    keys, scenario = load_keys(), ground.plan.judged
    facts: dict[str, None] = {}
    assumptions = []
    for name in dict.fromkeys(names):
        if name not in keys:
            facts[name] = None
            continue
        entry, spec = keys[name].entry, scenario.settings.get(name)
        found = [] if spec is None else origins(spec)
        behind = list(dict.fromkeys(fact for origin in found for fact in origin.facts))
        facts |= dict.fromkeys(behind)
        assumptions.append(
            {
                "key": name,
                "what": entry.what,
                "unit": entry.unit,
                "value": "by law" if spec is None else describe(spec, entry, scenario.chip.id),
                "assumption": " ".join(one.assumption for one in found if one.assumption) or None,
                "facts": behind,
                "changed_by": scenario.changed.get(name),
            }
        )
    return list(facts), assumptions


def _once(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each source once, in order."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        known = (row.get("fact"), row.get("chip"), row.get("title"), row.get("what"))
        seen.setdefault(known, dict(row))
    return list(seen.values())
