"""The files that a browser takes from the explorer: our own, and libraries with their licences and checksums."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from dualtrack.errors import DataFault, Fault, raise_gathered

STATIC = Path(__file__).parent / "static"
VENDOR = Path(__file__).parent / "vendor"
FOLDERS = {"/static": STATIC, "/vendor": VENDOR}
HASH_DIGITS = 12


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


@cache
def asset_address(name: str) -> str:
    """Where a browser finds the file, with a part of its checksum: a changed file has a new address.

    Raises:
        DataFault: The explorer has no such file.
    """
    for prefix, folder in FOLDERS.items():
        path = folder / name
        if path.is_file():
            return f"{prefix}/{name}?{hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_DIGITS]}"
    raise DataFault(
        f"The explorer has no file {name!r} in {' or '.join(folder.name for folder in FOLDERS.values())}."
    )


def mount_assets(app: Starlette) -> None:
    """Serve the files of both folders."""
    for prefix, folder in FOLDERS.items():
        app.mount(prefix, _Files(directory=folder), name=prefix.strip("/"))


class _Files(StaticFiles):
    """Files that a browser keeps for good at an address with a checksum, and asks about at any other."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        response.headers["Cache-Control"] = kept
        return response
