"""The browser libraries shipped with the explorer: what they are, under which licence, and whether they are whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from dualtrack.errors import DataFault, Fault, raise_gathered

VENDOR = Path(__file__).parent / "vendor"
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Asset:
    """A library's file as its publisher made it.

    Attributes:
        file: Its name in the folder of libraries.
        licence: SPDX expression over the library and what is bundled in its file.
        licence_file: Text of these licences, beside the file.
        sha256: Of the file, in hexadecimal.
    """

    file: str
    package: str
    version: str
    licence: str
    licence_file: str
    sha256: str


def read_assets(folder: Path = VENDOR) -> tuple[Asset, ...]:
    """Every library in the folder's assets.json, in its order."""
    return tuple(Asset(**entry) for entry in json.loads((folder / "assets.json").read_text(encoding="utf-8")))


def check_assets(folder: Path = VENDOR) -> None:
    """Raise one DataFault naming every library that is missing, altered or without its licence."""
    faults = []
    for asset in read_assets(folder):
        path = folder / asset.file
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        if found is None:
            faults.append(Fault("is missing", file=asset.file))
        elif found != asset.sha256:
            faults.append(Fault(f"has sha256 {found}, but assets.json says {asset.sha256}", file=asset.file))
        if not (folder / asset.licence_file).is_file():
            faults.append(Fault("is missing", file=asset.licence_file))
    title = "The explorer's libraries are not as shipped; write them anew with tools/assets.sh."
    raise_gathered(faults, DataFault, title)
