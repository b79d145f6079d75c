"""What tasks that make a study leave behind: its document, what its page shows, and on request its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dualtrack.report.claims_part import claims_part
from dualtrack.report.compare_part import compare_part
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Document, Figure, StudyPart, document_text, study_files
from dualtrack.report.theme import themed
from dualtrack.web.service.tasks import Report

# Beside the files that are offered, hidden from their list.
SHOWN = ".shown"
PARTS = {"compare": compare_part, "claims": claims_part}


def keep_study(folder: Path, document: Document, part: StudyPart) -> bytes:
    """Keep a study's document as a file and what its page shows; the document as `--json` prints it.

    Args:
        part: What the page shows, which may name the compared otherwise than the document does.
    """
    shown = {
        "title": part.title,
        "command": document["command"],
        "items": [_item(item) for item in part.items],
    }
    (folder / SHOWN).write_text(_text(shown), encoding="utf-8")
    (folder / f"{part.study}.json").write_text(document_text(document), encoding="utf-8")
    return _text(document).encode()


def shown_study(folder: Path) -> dict[str, Any]:
    """What the page of a kept study shows: its title, the command, and sections and figures in order."""
    found: dict[str, Any] = json.loads((folder / SHOWN).read_text(encoding="utf-8"))
    return found


def make_files(report: Report, folder: Path, text: bytes) -> bytes:
    """Write every file of a study, as `--out` does; the document holds their names.

    Args:
        text: The study's document.
    """
    document = json.loads(text)
    contents = study_files(PARTS[document["study"]](document), document, report)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return _text({"command": document["command"], "files": list(contents)}).encode()


def _item(item: Section | Figure) -> dict[str, Any]:
    if isinstance(item, Section):
        return {"section": asdict(item)}
    told = {name: getattr(item, name) for name in ("name", "title", "reading", "how_to_read")}
    return {"figure": {**told, "spec": themed(item.chart, "page", title=False)}}


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, allow_nan=False, ensure_ascii=False)
