"""An allocation of a user's files as a long task: its document, its tables as files, and what its page shows."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from dualtrack.allocate.asking import read_settings, share_files
from dualtrack.allocate.book import AllocationFault
from dualtrack.allocate.document import Document
from dualtrack.errors import DualtrackError
from dualtrack.facts.book import load_book
from dualtrack.report.allocation import flow_chart, flow_reading
from dualtrack.report.allocation_page import allocation_sections, conflict_sections
from dualtrack.report.allocation_tables import TABLE_FORMATS, allocation_file
from dualtrack.report.sections import Section
from dualtrack.report.theme import themed
from dualtrack.tables import raise_together
from dualtrack.web.jobs.uploads import Upload, check_table
from dualtrack.web.service.limits import Limits

FILE_NAME: Final = "allocation"
# Beside the files that a task offers, whose names begin with no point.
VIEW: Final = ".view.json"
ASKED: Final = ".asked.json"
REST: Final = "in the files below"


@dataclass(frozen=True)
class Asked:
    """What is to be shared out, as it was sent.

    Attributes:
        options: policy, level, lot and on, as typed; those left empty are not in it.
    """

    orders: Upload
    stock: Upload
    limits: Upload | None
    options: Mapping[str, str]

    def uploads(self) -> dict[str, Upload]:
        given = {"orders": self.orders, "stock": self.stock, "limits": self.limits}
        return {name: upload for name, upload in given.items() if upload is not None}

    def command(self) -> str:
        """What gives the same at the terminal, where the files are."""
        words = ["dualtrack", "allocate", self.orders.file, "--stock", self.stock.file]
        if self.limits is not None:
            words += ["--limits", self.limits.file]
        for name, text in self.options.items():
            words += [f"--{name}", text]
        return shlex.join(words)


def sent_name(name: str) -> str:
    """The file in a task's folder that holds the orders, the stock or the limits as they were sent."""
    return f".{name}"


def share_out(report: Callable[[int, int], None], folder: Path, asked: Asked, limits: Limits) -> bytes:
    """The document of `dualtrack allocate --json`; where promises clash, that of the conflict.

    Raises:
        DualtrackError: A file cannot be read or does not fit; all faults are told, with the names that the user knows.
    """
    places = {name: folder / sent_name(name) for name in asked.uploads()}
    for name, upload in asked.uploads().items():
        places[name].write_bytes(upload.content)
    (folder / ASKED).write_text(json.dumps(dict(asked.options)), encoding="utf-8")
    try:
        settings = read_settings(asked.options)
        raise_together(lambda: check_table(asked.orders, limits), lambda: check_table(asked.stock, limits))
        document = share_files(
            places["orders"], places["stock"], places.get("limits"), settings, load_book(), report
        )
    except DualtrackError as error:
        text = str(error)
        for name, upload in asked.uploads().items():
            text = text.replace(str(places[name]), upload.name)
        raise AllocationFault(text) from None
    is_conflict = not document.get("feasible", True)
    for suffix in (".json",) if is_conflict else TABLE_FORMATS:
        if suffix != ".xlsx" or find_spec("xlsxwriter"):
            (folder / f"{FILE_NAME}{suffix}").write_bytes(allocation_file(suffix, document))
    view = _conflict_view(document) if is_conflict else _view(document)
    view["command"] = asked.command()
    (folder / VIEW).write_text(json.dumps(view, allow_nan=False), encoding="utf-8")
    return json.dumps(document, allow_nan=False, ensure_ascii=False).encode()


def _view(document: Document) -> dict[str, Any]:
    sections = allocation_sections(document, REST)
    # Every fact is a link on the page.
    sections[-1] = replace(sections[-1], text=())
    bound = [one["name"] for found in document["binding"].values() for one in found]
    rules = {*document["shadow_prices"], *bound, *document["barred"].values(), *document["not_published"]}
    return {
        "is_conflict": False,
        "sections": [asdict(section) for section in sections],
        "figure": _figure(document),
        "rules": sorted(name for name in rules if "." in name),
        "facts": [row["fact"] for row in document["sources"]],
    }


def _conflict_view(document: Document) -> dict[str, Any]:
    rules = {clash["name"] for clash in document["conflict"] if clash["kind"] in ("limit", "rule")}
    return {
        "is_conflict": True,
        "sections": [asdict(section) for section in conflict_sections(document)],
        "figure": None,
        "rules": sorted(rules),
        "facts": [],
    }


def _figure(document: Document) -> dict[str, Any]:
    spec = themed(flow_chart(document), "page")
    heading = spec.pop("title")
    return {
        "name": "flows",
        "title": "From the stock to the buyers",
        "reading": flow_reading(document),
        "how_to_read": heading["subtitle"],
        "spec": spec,
    }


def read_sections(view: Mapping[str, Any]) -> list[Section]:
    """The sections of a view."""
    return [
        Section(
            one["title"],
            tuple(one["text"]),
            tuple(one["header"]),
            tuple(tuple(row) for row in one["rows"]),
            tuple(one["numeric"]),
        )
        for one in view["sections"]
    ]
