"""The generated parts of the guide: tables of parameters and outcomes, kept true to the data they list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dualtrack.commands.allocating_guide import PAGE as ALLOCATE_PAGE
from dualtrack.commands.allocating_guide import PICTURE as ALLOCATE_PICTURE
from dualtrack.commands.allocating_guide import allocate_parts
from dualtrack.commands.allocating_guide import picture as allocate_picture
from dualtrack.commands.backtesting_guide import IMAGES as BACKTEST_IMAGES
from dualtrack.commands.backtesting_guide import PAGE as BACKTEST_PAGE
from dualtrack.commands.backtesting_guide import backtest_parts, is_stale
from dualtrack.commands.reference import default_text, key_row
from dualtrack.facts.book import load_book
from dualtrack.report.charts import make_chart
from dualtrack.report.explanation import explanation, listed
from dualtrack.report.headline import REASON_MEANINGS, REASON_WORDS, mean_share_of_months
from dualtrack.report.rule_page import guide_pages
from dualtrack.report.theme import render_png
from dualtrack.results.outputs import outputs_table
from dualtrack.results.summary import summarise
from dualtrack.rules import load_rulebook
from dualtrack.scenarios.keys import load_keys
from dualtrack.session import run as run_scenario

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "model.md"
RULES = DOCS / "rules"
PICTURE = DOCS / "images" / "h200-truce.png"
ANSWERS = "answers"
ANSWER_MONTHS = ("2026-04", "2026-07", "2027-01", "2028-01", "2029-01")
SIDE_LIMITS = (
    ("power_binds", "power (beside the above)", "Delivered imports wait for megawatts."),
    ("memory_binds", "memory, of Ascend output", "Memory is scarcer than dies and packaging room."),
    ("dies_bind", "dies, of Ascend output", "Good dies are scarcer than memory and packaging room."),
)
BEGIN = "<!-- generated: {} -->"
END = "<!-- end of {} -->"


def generated_parts() -> dict[str, str]:
    """The tables that list the package's data, as Markdown."""
    return {"parameters": _parameters(), "outcomes": _outcomes()}


def answers(document: dict[str, Any]) -> str:
    """What a run says: probability of nothing, the tail, and which limit binds and why."""
    months = [month for month in ANSWER_MONTHS if month in document["probabilities"]["any_delivery_by"]]
    delivered = document["outcomes"]["h200_delivered_cum"]["by_month"]
    lines = [
        f"Facts known by {document['known_by']}, {document['paths']:,} paths, seed {document['seed']}.",
        "",
        "| by | no unit delivered | mean | median | 75th percentile | 90th | 95th |",
        "|---|---|---|---|---|---|---|",
    ]
    for month in months:
        nothing = 1.0 - document["probabilities"]["any_delivery_by"][month]
        figures = " | ".join(
            f"{delivered[month][name]:,.0f}" for name in ("mean", "p50", "p75", "p90", "p95")
        )
        lines.append(f"| {month} | {nothing:.0%} | {figures} |")
    lines += ["", "| what holds imports back | share of path-months | reason |", "|---|---|---|"]
    shares = mean_share_of_months(document, "binding_limit")
    for reason, share in sorted(shares.items(), key=lambda item: -item[1]):
        lines.append(f"| {REASON_WORDS[reason]} | {share:.1%} | {REASON_MEANINGS[reason]} |")
    for name, what, why in SIDE_LIMITS:
        by_month = document["probabilities"][name].values()
        lines.append(f"| {what} | {sum(by_month) / len(by_month):.1%} | {why} |")
    return "\n".join(lines)


def _parameters() -> str:
    lines = ["| key | default | unit | from | meaning |", "|---|---|---|---|---|"]
    for name in load_keys():
        row = key_row(name)
        source = ", ".join(f"`{fact}`" for fact in row["facts"])
        if row["assumption"]:
            source += f"{'; ' if source else ''}assumption: {row['assumption']}"
        if not source:
            source = f"law, `{row['law']}`"
        cells = (f"`{name}`", default_text(row["default"]), row["unit"], source, row["what"])
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _outcomes() -> str:
    lines = ["| outcome | unit | kind | quarters | meaning |", "|---|---|---|---|---|"]
    lines += [
        f"| `{row.name}` | {row.unit} | {row.kind} | {row.quarters} | {row.meaning} |"
        for row in outputs_table().values()
    ]
    return "\n".join(lines)


def with_parts(text: str, parts: dict[str, str]) -> str:
    """The page with the given parts put in."""
    for name, part in parts.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if found:
            text = f"{before}{begin}\n{part}\n{end}{after}"
    return text


def rule_pages() -> dict[Path, str]:
    """The guide's pages on the rules, whole."""
    book = load_book()
    rulebook = load_rulebook(book)
    documents = [explanation(row["id"], rulebook, book) for row in listed(rulebook, book)]
    return {RULES / name: text for name, text in guide_pages(documents).items()}


def check_pages() -> list[str]:
    """What is stale; nothing where the pages are not at hand, as in an installed package."""
    if not PAGE.is_file():
        return []
    how = "Bring it up to date with: dualtrack check --write"
    text = PAGE.read_text(encoding="utf-8")
    faults = [
        f"docs/{PAGE.name} has no part `{name}`"
        for name in generated_parts()
        if BEGIN.format(name) not in text
    ]
    if with_parts(text, generated_parts()) != text:
        faults.append(f"docs/{PAGE.name} is stale. {how}")
    text = ALLOCATE_PAGE.read_text(encoding="utf-8") if ALLOCATE_PAGE.is_file() else ""
    if with_parts(text, allocate_parts()) != text or not text:
        faults.append(f"docs/{ALLOCATE_PAGE.name} is stale or missing. {how}")
    if is_stale():
        faults.append(f"docs/{BACKTEST_PAGE.name} is stale or missing. {how}")
    for path, wanted in rule_pages().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
            faults.append(f"docs/{RULES.name}/{path.name} is stale or missing. {how}")
    return faults


def write_pages() -> None:
    """Bring every generated part and the picture up to date; the answers take a run."""
    if PAGE.is_file():
        document = summarise(run_scenario())
        parts = {**generated_parts(), ANSWERS: answers(document)}
        PAGE.write_text(with_parts(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
        text = ALLOCATE_PAGE.read_text(encoding="utf-8")
        ALLOCATE_PAGE.write_text(with_parts(text, allocate_parts()), encoding="utf-8")
        ALLOCATE_PICTURE.write_bytes(allocate_picture())
        made, pictures = backtest_parts()
        BACKTEST_PAGE.write_text(
            with_parts(BACKTEST_PAGE.read_text(encoding="utf-8"), made), encoding="utf-8"
        )
        for name, picture in pictures.items():
            (BACKTEST_IMAGES / name).write_bytes(picture)
        RULES.mkdir(exist_ok=True)
        for path, wanted in rule_pages().items():
            path.write_text(wanted, encoding="utf-8")
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_bytes(render_png(make_chart("delivered", document), scale=1.5))
