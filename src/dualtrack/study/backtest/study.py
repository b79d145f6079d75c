"""The back-test as one document: forecasts, what happened, scores, rivals, events, and the stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dualtrack.facts.book import FactBook, load_book
from dualtrack.facts.cite import source_row
from dualtrack.futures.draws import Array
from dualtrack.parallel import Where
from dualtrack.results.summary import spread
from dualtrack.study.backtest.cases import (
    EVENTS,
    OriginFile,
    Reading,
    Target,
    chosen_origins,
    figure,
    load_origin,
    load_stop,
    load_targets,
)
from dualtrack.study.backtest.forecasts import (
    Forecast,
    Job,
    Options,
    forecast_of,
    known_by_of,
    simulate_job,
)
from dualtrack.study.backtest.scores import (
    INTERVALS,
    brier,
    chance_of_none,
    covered,
    crps_log,
    event_log_score,
    library,
    log_score,
    pit,
    point_error,
)
from dualtrack.study.backtest.stop import stop_document, stop_jobs
from dualtrack.study.jobs import run_study
from dualtrack.version import __version__

HERE = Where()
RIVALS = ("last_year", "guidance")

Document = dict[str, Any]


def backtest(
    names: Sequence[str] = (),
    *,
    paths: int | None = None,
    seed: int | None = None,
    facts: Sequence[Path] = (),
    where: Where = HERE,
    progress: Callable[[int, int], None] | None = None,
) -> Document:
    """Forecast from past dates and score.

    Args:
        names: Origins; all that ship where none is named.
        paths: Futures of each run; the scenario's where not given.
        facts: Files of the user's own facts. What they say after an origin can change what is held to have
            happened, never the forecast.
        where: Here, in processes, or on a cluster.

    Returns:
        The document of `backtest --json`, without the command.

    Raises:
        DualtrackError: An origin, an option or a file cannot be used, or the extra `study` is missing.
    """
    library()
    chosen = chosen_origins(list(names))
    book = load_book(tuple(facts))
    stop = load_stop()
    jobs = [*(Job(load_origin(name).scenario) for name in chosen), *stop_jobs(stop, book)]
    options = Options(paths, seed, tuple(facts))
    found = [forecast_of(a) for a in run_study(simulate_job, options, jobs, where=where, progress=progress)]
    cases = [
        case
        for name, forecast in zip(chosen, found, strict=False)
        for case in _cases(name, load_origin(name), forecast, book)
    ]
    events = [
        event
        for name, forecast in zip(chosen, found, strict=False)
        for event in _events(name, load_origin(name), forecast)
    ]
    return {
        "study": "backtest",
        "version": __version__,
        "facts_sha256": book.digest(),
        "paths": found[0].paths,
        "seed": load_seed(jobs[0], book, options),
        "origins": [
            _origin(name, load_origin(name), forecast, book)
            for name, forecast in zip(chosen, found, strict=False)
        ],
        "targets": {name: target.model_dump() for name, target in load_targets().items()},
        "cases": cases,
        "scores": _scores(cases),
        "coverage": _coverage(cases),
        "events": events,
        "event_scores": _event_scores(events),
        "no_guidance": _without_guidance(chosen),
        "stop": stop_document(stop, book, found[len(chosen) :]),
        "sources": _sources(chosen, book),
    }


def load_seed(job: Job, book: FactBook, options: Options) -> int:
    """The seed that the runs had."""
    from dualtrack.scenarios.scenario import load_scenario

    return load_scenario(job.scenario, book, run={"seed": options.seed}).seed


def _origin(name: str, origin: OriginFile, forecast: Forecast, book: FactBook) -> Document:
    hindsight = [str(row["fact"]) for row in forecast.sources if row["hindsight"]]
    return {
        "origin": name,
        "scenario": origin.scenario,
        "known_by": known_by_of(origin.scenario, book),
        "months": [forecast.months[0], forecast.months[-1]],
        "facts": len(forecast.sources) - len(hindsight),
        "facts_with_hindsight": len(hindsight),
        "sources": forecast.sources,
    }


def _cases(name: str, origin: OriginFile, forecast: Forecast, book: FactBook) -> Iterable[Document]:
    for seen in origin.observed:
        target = load_targets()[seen.target]
        ensemble = forecast.of(target, seen.period)
        readings = [_reading(reading, ensemble, book) for reading in seen.readings]
        yield {
            "origin": name,
            "target": seen.target,
            "period": seen.period,
            "forecast": {**spread(ensemble), **_ends(ensemble)},
            "readings": readings,
            **_rivals(origin, seen.target, target, readings, book),
            "score": _mean_of(readings),
        }


def _ends(ensemble: Array) -> dict[str, float]:
    return {
        f"{side}_{round(100 * level)}": float(np.quantile(ensemble, share))
        for level in INTERVALS
        for side, share in (("low", (1.0 - level) / 2.0), ("high", (1.0 + level) / 2.0))
    }


def _reading(reading: Reading, ensemble: Array, book: FactBook) -> Document:
    observed = figure(reading, book)
    return {
        "name": reading.name,
        "facts": list(reading.facts),
        "note": reading.note,
        "observed": observed.mid,
        "observed_low": observed.low,
        "observed_high": observed.high,
        "crps_log": crps_log(ensemble, observed.mid),
        "log_score": log_score(ensemble, observed.mid),
        "pit": pit(ensemble, observed.mid),
        "chance_of_none": chance_of_none(ensemble),
        "covered": {f"{round(100 * level)}": covered(ensemble, observed.mid, level) for level in INTERVALS},
    }


def _mean_of(readings: Sequence[Document]) -> Document:
    """A case's scores: the mean over its readings, so that a quarrel among sources counts once."""
    return {
        "crps_log": _mean(reading["crps_log"] for reading in readings),
        "log_score": _mean(reading["log_score"] for reading in readings),
        "pit": _mean(reading["pit"] for reading in readings),
        "covered": {
            level: _mean(float(reading["covered"][level]) for reading in readings)
            for level in readings[0]["covered"]
        },
    }


def _rivals(
    origin: OriginFile, name: str, target: Target, readings: Sequence[Document], book: FactBook
) -> Document:
    found: Document = {}
    for rival in RIVALS:
        said: Mapping[str, Reading] = getattr(origin, rival)
        if name not in said:
            found[rival] = None
            continue
        forecast = figure(said[name], book).mid
        errors = [point_error(forecast, reading["observed"]) for reading in readings]
        found[rival] = {
            "forecast": forecast,
            "facts": list(said[name].facts),
            "note": said[name].note,
            "crps_log": _mean(errors),
        }
    return found


def _scores(cases: Sequence[Document]) -> list[Document]:
    """By target, over all origins and for each: means over cases, and skill where a rival speaks too."""
    rows = []
    for target in load_targets():
        of_target = [case for case in cases if case["target"] == target]
        origins = list(dict.fromkeys(case["origin"] for case in of_target))
        groups = [("all", of_target), *((o, [c for c in of_target if c["origin"] == o]) for o in origins)]
        rows += [_row(target, origin, group) for origin, group in groups if group]
    return rows


def _row(target: str, origin: str, cases: Sequence[Document]) -> Document:
    scored = [case for case in cases if case["score"]["crps_log"] is not None]
    logs = [case["score"]["log_score"] for case in cases]
    return {
        "target": target,
        "origin": origin,
        "cases": len(cases),
        "cases_on_the_log_scale": len(scored),
        "crps_log": _mean(case["score"]["crps_log"] for case in scored),
        "log_score": None if None in logs else _mean(logs),
        "log_scores_off_the_scale": logs.count(None),
        **{f"against_{rival}": _against(rival, scored) for rival in RIVALS},
    }


def _against(rival: str, cases: Sequence[Document]) -> Document | None:
    """Skill over a rival on the cases for which both have a score: 1 is perfect, 0 no better, below 0 worse."""
    both = [case for case in cases if case[rival] is not None and case[rival]["crps_log"] is not None]
    if not both:
        return None
    ours = float(np.mean([case["score"]["crps_log"] for case in both]))
    theirs = float(np.mean([case[rival]["crps_log"] for case in both]))
    return {
        "cases": len(both),
        "ours": ours,
        "theirs": theirs,
        "skill": 1.0 - ours / theirs if theirs > 0.0 else None,
    }


def _coverage(cases: Sequence[Document]) -> list[Document]:
    groups = [("all", list(cases))]
    groups += [(target, [case for case in cases if case["target"] == target]) for target in load_targets()]
    return [
        {
            "target": target,
            "cases": len(group),
            "actual": {
                f"{round(100 * level)}": _mean(
                    case["score"]["covered"][f"{round(100 * level)}"] for case in group
                )
                for level in INTERVALS
            },
        }
        for target, group in groups
        if group
    ]


def _events(name: str, origin: OriginFile, forecast: Forecast) -> Iterable[Document]:
    chances = forecast.chances()
    for event, seen in origin.events.items():
        yield {
            "origin": name,
            "event": event,
            "what": EVENTS[event],
            "chance": chances[event],
            "happened": seen.happened,
            "why": seen.why,
            "facts": list(seen.facts),
            "brier": brier(chances[event], seen.happened),
            "brier_of_no_change": brier(0.0, seen.happened),
            "log_score": event_log_score(chances[event], seen.happened, forecast.paths),
        }


def _event_scores(events: Sequence[Document]) -> list[Document]:
    groups = [("all", list(events))]
    groups += [(name, [event for event in events if event["event"] == name]) for name in EVENTS]
    return [
        {
            "event": name,
            "cases": len(group),
            **{
                key: _mean(event[key] for event in group)
                for key in ("brier", "brier_of_no_change", "log_score")
            },
        }
        for name, group in groups
        if group
    ]


def _without_guidance(chosen: Sequence[str]) -> list[Document]:
    """Targets for which no guidance was known by the origin."""
    return [
        {"origin": name, "targets": [t for t in load_targets() if t not in load_origin(name).guidance]}
        for name in chosen
    ]


def _sources(chosen: Sequence[str], book: FactBook) -> list[Document]:
    """The facts that say what happened and what rivals said."""
    names: dict[str, None] = {}
    for name in chosen:
        origin = load_origin(name)
        readings = [reading for seen in origin.observed for reading in seen.readings]
        readings += [*origin.last_year.values(), *origin.guidance.values()]
        names |= dict.fromkeys(fact for reading in readings for fact in reading.facts)
        names |= dict.fromkeys(fact for event in origin.events.values() for fact in event.facts)
    stop = load_stop()
    names |= dict.fromkeys([*(quarter.fact for quarter in stop.quarters.values())])
    names |= dict.fromkeys([stop.charge.fact, stop.charge.guided, stop.charge.released, stop.orders.fact])
    return [source_row(book.get(name)) for name in names]


def _mean(values: Iterable[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return float(np.mean(found)) if found else None
