"""Which uncertain inputs move an outcome, and which flip a conclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import FactBook
from dualtrack.parallel import Where
from dualtrack.results.questions import Question, parse_question
from dualtrack.simulate.run import Task
from dualtrack.study.again import command_line
from dualtrack.study.conclusions import Conclusion, parse_conclusion
from dualtrack.study.designs import MorrisDesign, SobolDesign, check_installed, morris_design, sobol_design
from dualtrack.study.factors import Factor, Member, factors_of, member_uniforms
from dualtrack.study.jobs import Arrays, Progress, Store, run_study
from dualtrack.version import __version__

STUDY = "drivers"
METHODS = ("sobol", "morris")
SCALES = ("values", "ranks")
BASES = {"sobol": 512, "morris": 64}
ROWS_AT_ONCE = 2048
MOST_PATHS = 200_000


@dataclass(frozen=True)
class Asked:
    """What a study of drivers is asked.

    Attributes:
        base: Base points of the Sobol' design, or trajectories of Morris.
        scale: `values`, or `ranks` of the outcome among all rows.
    """

    outcomes: tuple[Question, ...]
    conclusions: tuple[Conclusion, ...]
    method: str
    base: int
    scale: str

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question once, those of conclusions after the outcomes."""
        asked = (*self.outcomes, *(conclusion.question for conclusion in self.conclusions))
        return tuple({question.name: question for question in asked}.values())


@dataclass(frozen=True)
class Simulated:
    """What came out of the paths and rows of a study.

    Attributes:
        values: By question's name, of the scenario's own paths, shape (path,).
        uniforms: The uniform behind each member, shape (member, path).
        rows: By question's name, of the design's rows, shape (row,).
    """

    asked: Asked
    task: Task
    factors: tuple[Factor, ...]
    design: SobolDesign | MorrisDesign
    values: dict[str, np.ndarray]
    uniforms: np.ndarray
    rows: dict[str, np.ndarray]

    @property
    def members(self) -> tuple[Member, ...]:
        return members_of(self.factors)


def default_outcomes(months: Sequence[str]) -> list[str]:
    """What is asked where nothing is said: deliveries after a year and in the end, the gap, two revenues of sorts."""
    year = months[min(12, len(months)) - 1]
    return [
        f"h200_delivered_cum@{year}",
        "h200_delivered_cum",
        "compute_gap_ratio",
        "nvidia_china_ai_revenue",
        "domestic_packages",
    ]


def asked_of(
    months: Sequence[str],
    *,
    outcomes: Sequence[str] = (),
    conclusions: Sequence[str] = (),
    method: str = "sobol",
    base: int | None = None,
    scale: str = "values",
) -> Asked:
    """Read what is asked.

    Raises:
        ScenarioFault: Something of it cannot be used, or an optional library is missing.
    """
    for option, seen, known in (("--method", method, METHODS), ("--on", scale, SCALES)):
        if seen not in known:
            raise ScenarioFault(f"{option} {seen!r} is not known. Wanted: {' or '.join(known)}.")
    questions = [parse_question(text, months) for text in outcomes or default_outcomes(months)]
    once = {question.name: question for question in questions}
    concluded = {found.text: found for found in (parse_conclusion(text, months) for text in conclusions)}
    if method == "morris":
        check_installed("SALib", "SALib", "--method morris")
    if concluded:
        check_installed("ema_workbench", "EMA Workbench", "--conclusion")
    size = BASES[method] if base is None else base
    return Asked(tuple(once.values()), tuple(concluded.values()), method, size, scale)


def members_of(factors: Sequence[Factor]) -> tuple[Member, ...]:
    return tuple(member for factor in factors for member in factor.members)


def simulate_drivers(
    task: Task,
    asked: Asked,
    *,
    where: Where,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Simulated:
    """Simulate the scenario's own paths and the rows of the design.

    Raises:
        ScenarioFault: The design or the number of paths cannot be used.
    """
    scenario = task.model.scenario
    if scenario.paths > MOST_PATHS:
        raise ScenarioFault(
            f"--paths {scenario.paths:,} is more than the {MOST_PATHS:,} that are kept with all their inputs. Use fewer."
        )
    factors = factors_of(task.model)
    make = sobol_design if asked.method == "sobol" else morris_design
    design = make(factors, asked.base, scenario.seed)
    jobs = [
        *(_Job(True, start, count) for start, count in _blocks(scenario.paths)),
        *(_Job(False, start, count) for start, count in _blocks(design.rows)),
    ]
    plan = _Plan(task, design, members_of(factors), asked.questions)
    found = run_study(_work, plan, jobs, where=where, store=store, progress=progress)
    own = [arrays for job, arrays in zip(jobs, found, strict=True) if job.own_paths]
    designed = [arrays for job, arrays in zip(jobs, found, strict=True) if not job.own_paths]
    return Simulated(
        asked,
        task,
        factors,
        design,
        _by_question(asked, own),
        np.concatenate([arrays["uniforms"] for arrays in own], axis=1),
        _by_question(asked, designed),
    )


def store_key(task: Task, book: FactBook, asked: Asked) -> list[str]:
    """Texts that settle every number of the study."""
    scenario = task.model.scenario
    asked_for = [question.name for question in asked.questions]
    numbers = f"{scenario.paths} {scenario.months} {scenario.seed} {asked.method} {asked.base}"
    return [__version__, book.digest(), scenario.text, numbers, *asked_for]


def command_of(scenario: str, asked: Asked, options: Mapping[str, Any]) -> str:
    """The command that makes the study again."""
    said = {
        "outcome": [question.name for question in asked.outcomes],
        "conclusion": [conclusion.text for conclusion in asked.conclusions],
        "method": asked.method,
        "base": asked.base,
        "on": asked.scale,
    }
    return command_line(STUDY, [scenario], said | dict(options))


@dataclass(frozen=True)
class _Job:
    own_paths: bool
    start: int
    count: int


@dataclass(frozen=True)
class _Plan:
    task: Task
    design: SobolDesign | MorrisDesign
    members: tuple[Member, ...]
    questions: tuple[Question, ...]


def _work(plan: _Plan, job: _Job) -> Arrays:
    model = plan.task.model
    if job.own_paths:
        own = model.block(job.start, job.count)
        totals = plan.task.measure(own).totals
        uniforms = {"uniforms": member_uniforms(plan.members, model.scenario, own)}
    else:
        block = plan.design.block(model.scenario.seed, job.start, job.count)
        totals, uniforms = plan.task.measure(block).totals, {}
    return {"values": np.stack([question.values(totals) for question in plan.questions]), **uniforms}


def _blocks(count: int) -> list[tuple[int, int]]:
    return [(start, min(ROWS_AT_ONCE, count - start)) for start in range(0, count, ROWS_AT_ONCE)]


def _by_question(asked: Asked, found: Sequence[Arrays]) -> dict[str, np.ndarray]:
    values: NDArray[np.float64] = np.concatenate([arrays["values"] for arrays in found], axis=1)
    return {question.name: values[n] for n, question in enumerate(asked.questions)}
