"""The page of the back-test: how the model did, including where it was badly wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dualtrack.report.backtest_charts import HOW_FORECASTS, coverage, forecasts, places
from dualtrack.report.backtest_tables import (
    COIN,
    NO_SCORE,
    case_sections,
    event_section,
    median_and_ends,
    method_section,
    rival_section,
    score,
    signed,
    stop_section,
)
from dualtrack.report.numbers import percent, quantity
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Figure, StudyPart

Document = Mapping[str, Any]

BADLY = 0.05  # a tail as thin as this, or thinner, held the outcome


def backtest_part(document: Document) -> StudyPart:
    """Sections and figures of a back-test."""
    items: list[Section | Figure] = [
        _answer(document),
        _score_table(document),
        *_forecast_figures(document),
        _badly_wrong(document),
        _coverage_table(document),
        Figure(
            "coverage",
            "Coverage",
            _coverage_reading(document),
            "dots: share of outcomes inside the interval; ticks: what it should be",
            coverage(document),
        ),
        Figure(
            "places",
            "Where outcomes fell",
            _places_reading(document),
            "one mark for each case; 0: below every path, 100: above every path; of several sources the mean",
            places(document),
        ),
        event_section(document),
        stop_section(document),
        *case_sections(document),
        rival_section(document),
        method_section(document),
    ]
    return StudyPart("backtest", "Back-tests", tuple(items), _tables(document))


def _answer(document: Document) -> Section:
    every = next(row for row in document["coverage"] if row["target"] == "all")
    origins = ", ".join(origin["origin"] for origin in document["origins"])
    first, *others = every["actual"].items()
    held = f"The {first[0]} % interval held {percent(first[1])} of the outcomes"
    held += "".join(f", the {level} % interval {percent(share)}" for level, share in others)
    events = next(row for row in document["event_scores"] if row["event"] == "all")
    return Section(
        "How the model did",
        (
            f"Forecasts of twelve months from {origins}, by the engine that forecasts from today, with facts known by then: "
            f"{every['cases']} cases, {document['paths']:,} paths, seed {document['seed']}. The cases are few and hang together: "
            "read them as a check for gross faults, not as a proof.",
            f"{held}. {_worst_in_words(document)}",
            _skill_in_words(document),
            f"For the {events['cases']} events the mean Brier score is {score(events['brier'])}: "
            f"{'better' if events['brier'] < events['brier_of_no_change'] else 'no better'} than to say that nothing changes "
            f"({score(events['brier_of_no_change'])}), {'better' if events['brier'] < COIN else 'worse'} than a coin ({COIN}).",
        ),
    )


def _skill_in_words(document: Document) -> str:
    better: list[str] = []
    worse: list[str] = []
    for row in document["scores"]:
        against = row["against_last_year"]
        if row["origin"] == "all" and against and against["skill"] is not None:
            said = f"{document['targets'][row['target']]['name']} ({signed(against['skill'])}, {against['cases']} cases)"
            (better if against["skill"] > 0 else worse).append(said)
    if not better and not worse:
        return "There was no rival forecast to compare with."
    gained = f"better for {', '.join(better)}" if better else "better for nothing"
    lost = f"no better, or worse, for {', '.join(worse)}" if worse else "worse for nothing"
    return f"Beside the forecast that last year repeats itself it is {gained}; {lost}."


def _worst_in_words(document: Document) -> str:
    out = [case for case in document["cases"] if is_bad(case)]
    if not out:
        return "No outcome lay in the outer twentieth of its forecast."
    high = sum(case["score"]["pit"] > 0.5 for case in out)
    return (
        f"It was badly wrong in {len(out)} of {len(document['cases'])} cases, with the outcome in the outermost twentieth on one side of the "
        f"forecast: {high} times above, {len(out) - high} times below."
    )


def is_bad(case: Mapping[str, Any]) -> bool:
    """Whether at most a twentieth of the paths lay on one side of the outcome."""
    return bool(min(case["score"]["pit"], 1.0 - case["score"]["pit"]) <= BADLY)


def _score_table(document: Document) -> Section:
    rows = []
    for row in document["scores"]:
        rivals = [row["against_last_year"], row["against_guidance"]]
        cells = [
            NO_SCORE if not one or one["skill"] is None else f"{signed(one['skill'])} ({one['cases']})"
            for one in rivals
        ]
        title = document["targets"][row["target"]]["name"]
        rows.append(
            (
                title,
                row["origin"],
                str(row["cases"]),
                score(row["crps_log"]),
                score(row["log_score"]),
                *cells,
            )
        )
    return Section(
        "Scores",
        (
            "CRPS in natural logarithms: 0 is perfect, 0.7 is about as good as a point that is wrong by a factor of two. Log score: minus "
            "the logarithm of the density (or, for nothing, the chance) given to the outcome; lower is better. Skill: 1 is perfect, 0 "
            "no better than the rival, below 0 worse; in brackets the cases that both speak about. Where sources disagree about what "
            "happened, a case counts once, with the mean of the scores against each.",
        ),
        ("target", "origin", "cases", "CRPS", "log score", "skill, last year", "skill, guidance"),
        tuple(rows),
        numeric=(2, 3, 4, 5, 6),
        whole=(1,),
    )


def _forecast_figures(document: Document) -> Iterable[Figure]:
    shown = (
        ("units", ("units",), "China-spec Nvidia units by quarter", "units in the quarter", 1.0),
        (
            "revenue",
            ("revenue",),
            "Revenue from China-spec Nvidia units by quarter",
            "bn USD in the quarter",
            1e9,
        ),
        ("domestic", ("packages", "domestic_units"), "Chinese accelerators by year", "in the year", 1.0),
        ("stock_ratio", ("stock_ratio",), "US over Chinese compute", "ratio, at the month's end", 1.0),
    )
    for name, targets, title, unit, scale in shown:
        cases = [case for case in document["cases"] if case["target"] in targets]
        if cases:
            yield Figure(
                name,
                title,
                _forecast_reading(cases),
                HOW_FORECASTS,
                forecasts(document, targets, title, unit, scale),
            )


def _forecast_reading(cases: Sequence[Mapping[str, Any]]) -> str:
    inside = sum(case["score"]["covered"]["80"] >= 0.5 for case in cases)
    above = sum(case["score"]["pit"] > 0.5 for case in cases)
    return (
        f"The 80 % interval held the outcome in {inside} of {len(cases)} cases; the outcome lay above the middle of the forecast in "
        f"{above} of them."
    )


def _badly_wrong(document: Document) -> Section:
    rows = []
    for case in document["cases"]:
        if not is_bad(case):
            continue
        unit = document["targets"][case["target"]]["unit"]
        rows.append(
            (
                document["targets"][case["target"]]["name"],
                case["period"],
                case["origin"],
                median_and_ends(case, unit),
                _observed(case, unit),
                percent(case["score"]["pit"]),
            )
        )
    text = () if rows else ("No case.",)
    return Section(
        "Where it was badly wrong",
        text,
        ("target", "period", "origin", "forecast, 80 %", "what happened", "paths below it") if rows else (),
        tuple(rows),
        numeric=(5,),
        whole=(1, 2),
    )


def _observed(case: Mapping[str, Any], unit: str) -> str:
    return "; ".join(quantity(reading["observed"], unit, with_unit=False) for reading in case["readings"])


def _coverage_table(document: Document) -> Section:
    names = {"all": "all", **{name: target["name"] for name, target in document["targets"].items()}}
    rows = tuple(
        (names[row["target"]], str(row["cases"]), *(percent(share) for share in row["actual"].values()))
        for row in document["coverage"]
    )
    return Section(
        "Coverage",
        ("How often the central interval of 50, 80 and 90 % of the paths held the outcome.",),
        ("target", "cases", "50 %", "80 %", "90 %"),
        rows,
        numeric=(1, 2, 3, 4),
    )


def _coverage_reading(document: Document) -> str:
    rows = [row for row in document["coverage"] if row["target"] != "all"]
    least = min(rows, key=lambda row: row["actual"]["80"])
    most = max(rows, key=lambda row: row["actual"]["80"])
    titles = {name: target["name"] for name, target in document["targets"].items()}
    return (
        f"Furthest off at 80 %: {titles[least['target']]}, {percent(least['actual']['80'])} of {least['cases']} cases; best held: "
        f"{titles[most['target']]}, {percent(most['actual']['80'])} of {most['cases']}."
    )


def _places_reading(document: Document) -> str:
    cases = document["cases"]
    above = sum(case["score"]["pit"] > 0.5 for case in cases)
    outer = sum(not 0.1 <= case["score"]["pit"] <= 0.9 for case in cases)
    return (
        f"{above} of {len(cases)} outcomes lay in the upper half of the forecast, {outer} in the outer fifth; even spread would "
        f"put {round(len(cases) / 2)} and {round(len(cases) / 5)} there."
    )


def _tables(document: Document) -> dict[str, list[dict[str, Any]]]:
    cases = [
        {
            "origin": case["origin"],
            "target": case["target"],
            "period": case["period"],
            **{
                name: case["forecast"][name]
                for name in ("p05", "p10", "p25", "p50", "p75", "p90", "p95", "p_zero")
            },
            "observed": reading["observed"],
            "observed_low": reading["observed_low"],
            "observed_high": reading["observed_high"],
            "by": reading["name"],
            "facts": " ".join(reading["facts"]),
            "crps_log": reading["crps_log"],
            "log_score": reading["log_score"],
            "pit": reading["pit"],
            "last_year": case["last_year"]["forecast"] if case["last_year"] else None,
            "guidance": case["guidance"]["forecast"] if case["guidance"] else None,
        }
        for case in document["cases"]
        for reading in case["readings"]
    ]
    events = [
        {name: event[name] for name in ("origin", "event", "chance", "happened", "brier", "log_score", "why")}
        for event in document["events"]
    ]
    return {"backtest-cases": cases, "backtest-events": events}
