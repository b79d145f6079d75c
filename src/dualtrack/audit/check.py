"""Audit a saved result: run paths of it again, and solve a sample of its months as linear programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dualtrack.audit.gaps import DOUBLE, PART, SINGLE, UNITS, Gap, relative, within
from dualtrack.audit.programs import orders, orders_with_domestic, sharing
from dualtrack.audit.rebuild import rebuild
from dualtrack.audit.replay import Case, choose_sample, replay
from dualtrack.errors import ResultFault
from dualtrack.facts.book import load_book
from dualtrack.measures.outcomes import Outcomes
from dualtrack.results.dataset import BUYER, COUNT, OPENING, find_result, open_result, set_attribute
from dualtrack.rules.environment import Environment
from dualtrack.simulate.kernel import CHUNK_PATHS
from dualtrack.simulate.run import Task

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[int, int], None]
SAMPLE = 200
ATTRIBUTE = "audit"
SIDE_BY_SIDE = 256  # paths replayed together; changes memory, never a number


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        sample: Path-months solved as programs.
        paths: Paths run again, of `paths_in_run`.
        shared: Path-months of the sample in which stock went to firm orders; in `short` of them it did not
            reach for all.
        ordered: Path-months of the sample in which anything could be ordered.
        gaps: Differences by quantity.
        not_compared: What the result does not hold, in words.
    """

    scenario: str
    policy: str
    sample: int
    seed: int
    paths: int
    paths_in_run: int
    months: int
    shared: int
    short: int
    ordered: int
    gaps: dict[str, Gap]
    not_compared: tuple[str, ...]

    @property
    def within(self) -> bool:
        """Whether nothing differs by more than rounding."""
        return within(self.gaps)

    def document(self) -> dict[str, Any]:
        """The audit in plain data, without a date: the same result gives the same document."""
        plain = {name: value for name, value in vars(self).items() if name != "gaps"}
        gaps = {name: gap.document() for name, gap in self.gaps.items()}
        return {**plain, "not_compared": list(self.not_compared), "within": self.within, "gaps": gaps}


def audit(
    result: Path | str,
    *,
    sample: int | None = None,
    seed: int = 0,
    quick: bool = False,
    facts: Sequence[Path] = (),
    write: bool = True,
    progress: Progress | None = None,
) -> Audit:
    """Hold a saved result against a second computation of it.

    Args:
        result: The file, or the folder that it lies in.
        sample: How many path-months are solved as programs; 200, or all where there are fewer, if not given.
        seed: Which ones.
        quick: Run only the paths of the sample again, not all.
        facts: The files of the user's own facts that the run was made with.
        write: Put the gaps into the result's attributes, as `audit`.
        progress: Called with paths done and paths in all.

    Raises:
        ResultFault: There is no such result, or it cannot be made again here.
        ScenarioFault: The sample is larger than the run, or empty.
    """
    path = find_result(Path(result))
    dataset = open_result(path)
    _check_attributes(dataset, path)
    task = rebuild(dataset, load_book(tuple(facts)), str(path))
    scenario = task.model.scenario
    size = min(SAMPLE, scenario.paths * scenario.months) if sample is None else sample
    chosen = choose_sample(scenario.paths, scenario.months, size, seed, _telling(dataset))
    paths = np.unique(chosen.paths)
    comparison = _Comparison(dataset, task)
    in_all = len(paths) + (0 if quick else scenario.paths)
    for start in range(0, len(paths), SIDE_BY_SIDE):
        some = paths[start : start + SIDE_BY_SIDE]
        comparison.hold(replay(task, chosen, some, comparison.visit), some)
        if progress:
            progress(start + len(some), in_all)
    if not quick:
        counts: dict[str, np.ndarray] = {}
        for start in range(0, scenario.paths, CHUNK_PATHS["numpy"]):
            count = min(CHUNK_PATHS["numpy"], scenario.paths - start)
            block = task.block(start, count)
            comparison.hold(block, np.arange(start, start + count))
            for name, array in block.counts.items():
                counts[name] = counts.get(name, 0) + array
            if progress:
                progress(len(paths) + start + count, in_all)
        comparison.hold_counts(counts)
    found = Audit(
        scenario=scenario.name,
        policy=task.model.policy,
        sample=size,
        seed=seed,
        paths=len(paths) if quick else scenario.paths,
        paths_in_run=scenario.paths,
        months=scenario.months,
        shared=comparison.shared,
        short=comparison.short,
        ordered=comparison.ordered,
        gaps=comparison.gaps,
        not_compared=comparison.not_compared(quick),
    )
    if write:
        text = json.dumps(found.document(), allow_nan=False)
        set_attribute(path, ATTRIBUTE, text)
    return found


def _telling(dataset: xr.Dataset) -> list[np.ndarray]:
    """Path-months in which the stock ran out over orders, and in which anything was ordered or shipped."""
    busy: np.ndarray = np.zeros(dataset["h200_stock"].shape, dtype=bool)
    for name in ("h200_ordered_cum", "h200_shipped_cum"):
        busy |= np.diff(dataset[name].values, axis=0, prepend=0.0) >= 1.0
    return [busy & (dataset["h200_stock"].values < 1.0), busy]


def _check_attributes(dataset: xr.Dataset, path: Path) -> None:
    manifest = json.loads(dataset.attrs["manifest"])
    wanted = ("version", "facts_sha256", "scenario_text")
    missing = [name for name in wanted if name not in manifest]
    missing += [name for name in ("backend", "settings") if name not in dataset.attrs]
    if missing:
        raise ResultFault(f"{path} does not say its {', '.join(missing)}. Run the scenario again.")


class _Comparison:
    """Gaps as they are gathered."""

    def __init__(self, dataset: xr.Dataset, task: Task) -> None:
        ordered = dataset.transpose("month", "buyer", ..., "path")
        self.saved = {str(name): array.values for name, array in ordered.data_vars.items()}
        self.task = task
        self.shared = self.short = self.ordered = 0
        self.gaps = {
            "saved.single": Gap(
                "saved outcomes against the paths run again", "part of a path's largest", SINGLE
            ),
            "saved.double": Gap(
                "the same, of those saved in double precision", "part of a path's largest", DOUBLE
            ),
            "saved.counts": Gap("saved counts of paths against the paths run again", "paths", 0.0),
            "stock.by_buyer": Gap("stock shared out against the program, each buyer", "units", UNITS),
            "stock.total": Gap("the same in total", "units", UNITS),
            "orders.units": Gap("most that could be ordered, less what was", "units", UNITS),
            "orders.part": Gap("the same as a part of the most", "part", PART),
            "limits.exceeded": Gap("orders and papers beyond a limit", "units", UNITS),
        }
        self.gaps |= {
            f"headroom.{limit.id}": Gap("headroom of all paths at once against one path's", "part", DOUBLE)
            for limit in task.model.rulebook.limits
        }
        self.gaps |= {
            "orders.with_domestic": Gap(
                "further orders, were domestic chips delivered where they let most be ordered", "units", None
            ),
        }
        if task.model.policy == "pro-rata":
            self.gaps["stock.by_orders"] = Gap(
                "each buyer's stock, were it pro rata of all on order", "units", None
            )

    # -- saved against made again

    def hold(self, made: Outcomes, paths: np.ndarray) -> None:
        """Compare every number of some paths with what was saved."""
        for name, array in made.totals.items():
            self._hold(name, array, paths)
        for name, array in made.buyers.items():
            if BUYER + name in self.saved:
                self._hold(BUYER + name, array, paths)
        for name, array in made.opening.items():
            self._hold(OPENING + name, array[None], paths)

    def _hold(self, name: str, made: np.ndarray, paths: np.ndarray) -> None:
        saved = self._saved(name)[..., paths]
        saved = saved[None] if name.startswith(OPENING) else saved
        differences = relative(saved, made.astype(saved.dtype))
        single = saved.dtype == np.float32

        def where(flat: int) -> dict[str, Any]:
            place = np.unravel_index(flat, differences.shape)
            labels = {"outcome": name, "path": int(paths[place[-1]])}
            if not name.startswith(OPENING):
                labels["month"] = self._month(int(place[0]))
            if len(place) == 3:
                labels["buyer"] = self.task.model.buyers[place[1]].id
            return labels

        self.gaps["saved.single" if single else "saved.double"].notes(differences, where)

    def _saved(self, name: str) -> np.ndarray:
        if name not in self.saved:
            raise ResultFault(f"The result has no {name}. Run the scenario again.")
        return self.saved[name]

    def hold_counts(self, counts: dict[str, np.ndarray]) -> None:
        """Compare the counts of paths."""
        for name, made in counts.items():
            differences = np.abs(self._saved(COUNT + name).astype(float) - made)

            def where(flat: int, name: str = name, shape: tuple[int, ...] = made.shape) -> dict[str, Any]:
                return {"outcome": COUNT + name, "month": self._month(int(np.unravel_index(flat, shape)[0]))}

            self.gaps["saved.counts"].notes(differences, where)

    def not_compared(self, quick: bool) -> tuple[str, ...]:
        """What the result does not hold, or was not asked for."""
        out = []
        if not any(name.startswith(BUYER) for name in self.saved):
            out.append("Outcomes by buyer: the run did not keep them (keep_buyers: false).")
        if quick:
            out.append("Paths outside the sample, and counts over all paths (leave out --quick).")
        return tuple(out)

    # -- simulation against programs

    def visit(self, case: Case) -> None:
        """Compare one month of one path with its programs."""
        place = {"path": case.path, "month": self._month(case.number)}
        self._stock(case, place)
        self._orders(case, place)
        self._headroom(case, place)

    def _stock(self, case: Case, place: dict[str, Any]) -> None:
        policy = self.task.model.policy
        program = sharing(case)
        entered = case.by_buyer(case.decided.sent.entered)
        apart = np.abs(entered - program.by_policy(policy))
        names = [buyer.id for buyer in self.task.model.buyers]
        self.gaps["stock.by_buyer"].notes(apart, lambda buyer: {**place, "buyer": names[buyer]})
        self.gaps["stock.total"].note(float(entered.sum() - program.by_policy(policy).sum()), **place)
        self.shared += bool(entered.sum() > UNITS)
        self.short += bool(program.wanted.sum() > entered.sum() + UNITS and entered.sum() > UNITS)
        if policy == "pro-rata":
            moved = np.abs(entered - program.by_orders())
            self.gaps["stock.by_orders"].notes(moved, lambda buyer: {**place, "buyer": names[buyer]})

    def _orders(self, case: Case, place: dict[str, Any]) -> None:
        papers = case.decided.papers
        ordered = float(case.by_buyer(papers.ordered).sum())
        program = orders(case)
        most = program.most()
        self.ordered += most > UNITS
        self.gaps["orders.units"].note(most - ordered, **place)
        self.gaps["orders.part"].note((most - ordered) / most if most > UNITS else 0.0, **place)
        decided = [case.by_buyer(units) for units in (papers.accepted, papers.cleared, papers.ordered)]
        beyond, row = program.rows.overrun(np.concatenate(decided))
        self.gaps["limits.exceeded"].note(beyond, **place, limit=row)
        further = orders_with_domestic(case).most() - most
        self.gaps["orders.with_domestic"].note(further, **place, ordered=round(ordered))

    def _headroom(self, case: Case, place: dict[str, Any]) -> None:
        alone = case.alone.environment
        for asked in case.month.asked:
            limit = self.task.model.rulebook.limit(asked.limit)
            fields = {name.replace("__", "."): case.pick(value) for name, value in asked.fields.items()}
            answers = case.by_buyer(asked.answer)
            for number, buyer in enumerate(self.task.model.buyers):
                of_buyer = {
                    name: float(np.broadcast_to(value, answers.shape)[number])
                    for name, value in fields.items()
                }
                once = float(limit.headroom(Environment({**alone.fields, **of_buyer}, alone.parameters)))
                seen = float(answers[number])
                apart = 0.0 if once == seen else abs(once - seen) / max(abs(once), 1.0)
                where = {**place, "buyer": buyer.id} if limit.scope == "buyer" else place
                self.gaps[f"headroom.{limit.id}"].note(
                    min(apart, 1.0) if np.isfinite(apart) else 1.0, **where
                )
                if limit.scope == "total":
                    break

    def _month(self, number: int) -> str:
        return self.task.model.scenario.month_labels[number]
