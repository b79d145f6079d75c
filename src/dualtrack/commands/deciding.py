"""`dualtrack decide`: one order, or a file of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from dualtrack.commands.output import console, error_console, print_json, print_lines
from dualtrack.decide.asking import decide_asked
from dualtrack.decide.batch import Decided, decide_rows
from dualtrack.decide.decision import MAY_NOT_SHIP
from dualtrack.decide.declarations import read_declarations
from dualtrack.decide.document import decision_document
from dualtrack.decide.question import law_on
from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import load_book
from dualtrack.months import parse_day
from dualtrack.results.folder import write_one
from dualtrack.rules import load_rulebook

LINES_AT_ONCE = 20_000


def decide_batch(
    batch: Path | None,
    out: Path | None,
    file: Path | None,
    options: Mapping[str, Any],
    declared: Sequence[str],
    as_json: bool,
    as_markdown: bool = False,
) -> None:
    """Decide every row of a file; write the rows, and print how many may ship."""
    given = [name.replace("_", "-") for name, value in options.items() if value is not None and name != "on"]
    if as_markdown:
        raise ScenarioFault("--markdown is for one order. A batch is printed as CSV, or counted with --json.")
    if batch is None:
        raise ScenarioFault("--out goes with --batch. One order is printed: use --json or --markdown.")
    if file is not None or given:
        what = f"{file}" if file is not None else f"--{given[0].removesuffix('-usd')}"
        raise ScenarioFault(f"{what} does not go with --batch: every row of the file says it for itself.")
    if out is not None and out.resolve() == batch.resolve():
        raise ScenarioFault(f"--out {out} is the batch itself, which would be lost. Choose another name.")
    answers = read_declarations(declared)
    book = load_book()
    law = law_on(load_rulebook(book), book, parse_day(options["on"]) if options["on"] else None)
    decided = decide_rows(batch, law, answers)
    counts = decided.counts()
    if out is not None:
        write_one(out, partial(_write, decided))
    if as_json:
        document = {
            "on": law.asked_on,
            "law_on": law.on,
            "known_by": book.last_date,
            "rows": len(decided.answer),
        }
        print_json({**document, "counts": counts, "file": out})
        return
    if out is None:
        print_lines(list(decided.lines()))
    screen = console() if out is not None else error_console()
    screen.print(
        f"{len(decided.answer):,} orders under the law of {law.on}. {law.note}".rstrip(), soft_wrap=True
    )
    for outcome, count in counts.items():
        screen.print(f"  {outcome.replace('_', ' '):<13} {count:>10,}")
    screen.print(
        "Limits on quantity are not asked row by row: dualtrack allocate shares them out.", soft_wrap=True
    )
    if out is not None:
        screen.print(f"Written: {out}", soft_wrap=True)


def _write(decided: Decided, path: Path) -> None:
    lines = decided.lines()
    with path.open("w", encoding="utf-8") as file:
        while block := list(islice(lines, LINES_AT_ONCE)):
            file.write("\n".join(block) + "\n")


def decide_order(
    file: Path | None,
    options: Mapping[str, Any],
    declared: Sequence[str],
    as_markdown: bool,
    as_json: bool,
) -> bool:
    """Print the decision on one order; say whether it may go on."""
    if as_markdown and as_json:
        raise ScenarioFault("--markdown and --json do not go together: choose one.")
    if file is None and options["chip"] is None and options["buyer"] is None:
        raise ScenarioFault(
            "There is no order. Name one, or give its file:\n"
            "  dualtrack decide --chip H200 --buyer bytedance --units 60000\n"
            "  dualtrack decide order.yaml"
        )
    decision = decide_asked(file, options, declared)
    document = decision_document(decision)
    if as_json:
        print_json(document)
    else:
        from dualtrack.report.decision import decision_sections
        from dualtrack.report.sections import markdown, print_sections

        sections = decision_sections(document)
        if as_markdown:
            console().print(markdown(sections), soft_wrap=True, markup=False, end="")
        else:
            print_sections(sections, console())
    return decision.together != MAY_NOT_SHIP
