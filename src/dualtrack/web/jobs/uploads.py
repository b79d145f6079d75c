"""Files that a user sends, looked at before they are read: none may take more room or time than a real one does."""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Any, Final
from xml.parsers import expat

from dualtrack.table_faults import TableFault
from dualtrack.table_files import SEPARATORS, WORKBOOK
from dualtrack.web.service.limits import Limits

MOST_COLUMNS: Final = 100
LONGEST_LINE: Final = 20_000  # bytes
# No cell of a workbook can hold more; other parts of one are far smaller than these.
LONGEST_CELL: Final = 32_767
MOST_PARTS: Final = 1_000
MOST_OTHER_ELEMENTS: Final = 200_000
MOST_NESTED: Final = 50
CHUNK: Final = 1 << 16
CELL_ELEMENTS: Final = frozenset(("row", "c", "v", "f", "is", "t", "si", "r"))
LONGEST_NAME: Final = 80
# What the library raises at a damaged archive; it has no one family of errors.
UNREADABLE: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, RuntimeError, ValueError),
)


@dataclass(frozen=True)
class Upload:
    """A file as it was sent.

    Attributes:
        name: What its user calls it; it is shown, and names no file of ours.
        file: What its user would name it at the terminal.
    """

    name: str
    file: str
    content: bytes


def shown_name(name: str, otherwise: str) -> str:
    """A file's name to be shown: without folders, control characters and undue length."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(sign for sign in last if sign.isprintable()).strip()
    return plain[:LONGEST_NAME] or otherwise


def check_table(upload: Upload, limits: Limits) -> None:
    """Refuse a CSV or a workbook that is too large to be read here; whether it is sound its reader says.

    Raises:
        TableFault: It has too many rows or columns, or would unpack to too much.
    """
    if upload.content.startswith(WORKBOOK):
        _Workbook(upload, limits).check()
        return
    content = upload.content
    rows = max(content.count(b"\n"), content.count(b"\r"))
    if rows > limits.most_orders + 1:
        raise _too_many_rows(upload, rows, limits)
    lines = content.splitlines()
    header = lines[0] if lines else b""
    columns = 1 + max(header.count(sign.encode()) for sign in SEPARATORS)
    if columns > MOST_COLUMNS:
        raise _too_many_columns(upload, columns)
    for row, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise TableFault(
                f"{upload.name}, row {row}: {len(line):,} bytes long. Wanted: at most {LONGEST_LINE:,}."
            )


def _too_many_rows(upload: Upload, rows: int, limits: Limits) -> TableFault:
    return TableFault(
        f"{upload.name} has {rows:,} rows. This page takes at most {limits.most_orders:,}: use dualtrack allocate at the "
        "terminal, which has no such limit."
    )


def _too_many_columns(upload: Upload, columns: int) -> TableFault:
    return TableFault(f"{upload.name} has {columns:,} columns. Wanted: at most {MOST_COLUMNS}.")


class _Workbook:
    """A workbook's parts, read once without keeping anything."""

    def __init__(self, upload: Upload, limits: Limits) -> None:
        self._upload = upload
        self._limits = limits
        self._others = 0

    def check(self) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(self._upload.content)) as book:
                parts = book.infolist()
                # A part gives no more bytes than it says here, whatever is packed in it.
                unpacked = sum(part.file_size for part in parts)
                if len(parts) > MOST_PARTS or unpacked > self._limits.unpacked_bytes:
                    raise TableFault(
                        f"{self._upload.name} unpacks to {unpacked:,} bytes in {len(parts):,} parts. Wanted: at most "
                        f"{self._limits.unpacked_bytes:,} bytes in {MOST_PARTS:,} parts."
                    )
                for part in parts:
                    if part.filename.lower().endswith((".xml", ".rels")):
                        with book.open(part) as file:
                            self._check_part(file)
        except UNREADABLE as error:
            raise TableFault(
                f"{self._upload.name} is no workbook that can be read ({error}). Save it anew as .xlsx."
            ) from error

    def _check_part(self, file: IO[bytes]) -> None:
        # openpyxl's parser would expand what a document type declares, so none may be declared.
        parser = expat.ParserCreate()
        part = _Part(self._upload, self._limits)
        parser.StartDoctypeDeclHandler = part.doctype
        parser.StartElementHandler = part.start
        parser.EndElementHandler = part.end
        parser.CharacterDataHandler = part.text
        try:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise TableFault(
                f"{self._upload.name} is no workbook that can be read ({error}). Save it anew as .xlsx."
            ) from error
        self._others += part.others
        if self._others > MOST_OTHER_ELEMENTS:
            raise TableFault(
                f"{self._upload.name} holds more than {MOST_OTHER_ELEMENTS:,} parts that are no cells. "
                "Save its values alone as .xlsx, or as CSV."
            )


class _Part:
    """What is counted in one part of a workbook."""

    def __init__(self, upload: Upload, limits: Limits) -> None:
        self._upload = upload
        self._limits = limits
        self._row = self._column = self._length = self._depth = 0
        self.others = 0

    def doctype(self, *_: Any) -> None:
        raise TableFault(
            f"{self._upload.name} declares a document type, which no workbook does. Save it anew as .xlsx."
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = name.rpartition(":")[2]
        self._length = 0
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise TableFault(
                f"{self._upload.name} is nested more than {MOST_NESTED} deep. Save it anew as .xlsx."
            )
        if element == "row":
            self._row, self._column = _whole(attributes.get("r"), self._row + 1), 0
            if self._row > self._limits.most_orders + 1:
                raise _too_many_rows(self._upload, self._row, self._limits)
        elif element == "c":
            self._column = _column(attributes.get("r"), self._column + 1)
            if self._column > MOST_COLUMNS:
                raise _too_many_columns(self._upload, self._column)
        elif element not in CELL_ELEMENTS:
            self.others += 1

    def end(self, _: str) -> None:
        self._depth -= 1

    def text(self, data: str) -> None:
        self._length += len(data)
        if self._length > LONGEST_CELL:
            row = f", row {self._row}" if self._row else ""
            raise TableFault(
                f"{self._upload.name}{row}: a text of more than {LONGEST_CELL:,} characters. Shorten it."
            )


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise


def _column(place: str | None, otherwise: int) -> int:
    """The number of the column of a place such as AB12."""
    letters = (place or "").rstrip("0123456789").upper()
    if not letters.isalpha() or not letters.isascii() or len(letters) > 3:
        return otherwise
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
