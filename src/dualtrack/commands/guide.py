"""The generated parts of the guide: tables of parameters and outcomes, kept true to the data they list."""

from __future__ import annotations

from pathlib import Path

from dualtrack.commands.reference import default_text, key_row
from dualtrack.results.outputs import outputs_table
from dualtrack.scenarios.keys import load_keys

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "model.md"
BEGIN = "<!-- generated: {} -->"
END = "<!-- end of {} -->"


def generated_parts() -> dict[str, str]:
    """Each generated table of the guide, as Markdown."""
    return {"parameters": _parameters(), "outcomes": _outcomes()}


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


def with_parts(text: str) -> str:
    """The page with its generated parts brought up to date."""
    for name, part in generated_parts().items():
        begin, end = BEGIN.format(name), END.format(name)
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if found:
            text = f"{before}{begin}\n{part}\n{end}{after}"
    return text


def check_pages() -> list[str]:
    """What is stale; nothing where the pages are not at hand, as in an installed package."""
    if not PAGE.is_file():
        return []
    text = PAGE.read_text(encoding="utf-8")
    faults = [
        f"docs/{PAGE.name} has no part `{name}`"
        for name in generated_parts()
        if BEGIN.format(name) not in text
    ]
    if with_parts(text) != text:
        faults.append(f"docs/{PAGE.name} is stale. Bring it up to date with: dualtrack check --write")
    return faults


def write_pages() -> None:
    if PAGE.is_file():
        PAGE.write_text(with_parts(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
