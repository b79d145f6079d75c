"""`dualtrack audit`: hold a saved result against a second computation of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dualtrack.audit import Audit, Gap
from dualtrack.audit import audit as hold
from dualtrack.commands.output import console, print_json
from dualtrack.commands.typed import progress_bar, whole
from dualtrack.report.sections import Section, print_sections

_GROUPS = {
    "saved.": "The file against the paths run again",
    "stock.": "The simulation against linear programs",
    "orders.": "The simulation against linear programs",
    "limits.": "The simulation against linear programs",
    "headroom.": "Limits asked for all paths at once, and for one",
}
_OTHERWISE = "Where the simulation means something else than an optimum"
_LABELS = {
    "saved.single": "values in single precision",
    "saved.double": "values in double precision",
    "saved.counts": "counts of paths",
    "stock.by_buyer": "stock shared out, by buyer",
    "stock.total": "stock shared out, in all",
    "orders.units": "units ordered, against the most",
    "orders.part": "the same, as a part of the most",
    "limits.exceeded": "papers and orders beyond a limit",
    "orders.with_domestic": "orders missed, as domestic chips went to other buyers",
    "stock.by_orders": "a buyer's stock, had it been pro rata of orders",
}


def audit(
    result: Path,
    *,
    sample: str | None,
    seed: str,
    quick: bool,
    facts: Sequence[Path],
    as_json: bool,
) -> bool:
    """Print the gaps and write them into the result; say whether all of them are rounding."""
    size = None if sample is None else whole("--sample", sample)
    number = whole("--seed", seed)
    with progress_bar("auditing", "paths") as progress:
        found = hold(result, sample=size, seed=number, quick=quick, facts=facts, progress=progress)
    if as_json:
        print_json(found.document())
    else:
        print_sections(audit_sections(found), console())
    return found.within


def audit_sections(found: Audit) -> list[Section]:
    """The page of an audit."""
    verdict = "nothing differs by more than rounding" if found.within else "NOT the same computed twice"
    again = "All" if found.paths == found.paths_in_run else f"{found.paths:,}"
    text = (
        f"{again} of the {found.paths_in_run:,} paths were run again, and {found.sample:,} path-months (seed {found.seed}) "
        f"solved as linear programs: stock was shared out in {found.shared:,} of them ({found.policy}), did not "
        f"reach in {found.short:,}, and orders could be placed in {found.ordered:,}.",
        "The gaps stand in the result's attributes, as `audit`.",
    )
    sections = [Section(f"Audit of {found.scenario}: {verdict}", text)]
    grouped: dict[str, list[tuple[str, Gap]]] = {}
    for name, gap in found.gaps.items():
        group = _GROUPS[name.split(".")[0] + "."] if gap.tolerance is not None else _OTHERWISE
        if gap.cases:
            grouped.setdefault(group, []).append((name, gap))
    for title, gaps in grouped.items():
        rows = tuple(_row(name, gap) for name, gap in gaps)
        header = ("", "", "largest", "mean", "tolerance", "cases apart")
        sections.append(Section(title, (), header, rows, numeric=(2, 3, 4, 5), whole=(2, 3, 4, 5)))
    wrong = [(name, gap) for name, gap in found.gaps.items() if not gap.within]
    if wrong:
        places = tuple(
            f"{name}: {_place(gap)}. {gap.apart:,} of {gap.cases:,} differ." for name, gap in wrong
        )
        sections.append(Section("Where the largest stand", places))
    if found.not_compared:
        sections.append(Section("Not compared", found.not_compared))
    return sections


def _row(name: str, gap: Gap) -> tuple[str, ...]:
    mark = "·" if gap.tolerance is None else "✓" if gap.within else "✗"
    may_be = "" if gap.tolerance is None else f"{gap.tolerance:g}"
    label = _LABELS.get(name, name.removeprefix("headroom."))
    unit = {"units": " (units)"}.get(gap.unit, "")
    return mark, f"{label}{unit}", _number(gap.largest), _number(gap.mean), may_be, f"{gap.apart:,}"


def _place(gap: Gap) -> str:
    return ", ".join(f"{name} {value}" for name, value in gap.where.items())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
