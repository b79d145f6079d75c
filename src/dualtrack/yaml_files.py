"""YAML with line numbers: plain data, and where each key stood, so that errors can say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dualtrack.errors import DataFault, file_label

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_DEPTH = 100
# A file without aliases holds at most about two values for each of its characters; some repetition is allowed beyond.
VALUES_PER_CHARACTER = 2
REPEATED_VALUES = 100_000
# What the constructors of PyYAML raise over a value that is not of the kind its tag says, or that Python cannot hold.
_NOT_OF_KIND = (ValueError, KeyError, IndexError, AttributeError, TypeError)

Key = str | int


@dataclass(frozen=True)
class Document:
    """A YAML file's content and the line of every key in it."""

    path: Path
    data: Any
    lines: dict[tuple[Key, ...], int]

    def line(self, keys: Sequence[Key]) -> int | None:
        """The line of the nearest key on the way to `keys` that the file has."""
        for length in range(len(keys), 0, -1):
            if (line := self.lines.get(tuple(keys[:length]))) is not None:
                return line
        return None

    @property
    def label(self) -> str:
        return file_label(self.path)


def load_document(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        DataFault: The file is missing, is not YAML, repeats a key, or unfolds to more than it says.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise DataFault(f"{path}: cannot be read ({error}). Check the path.") from error
    return read_document(text, path)


def read_document(text: bytes, path: Path) -> Document:
    """Read the text of a YAML file, which may come from anybody.

    Args:
        path: What the file is called.

    Raises:
        DataFault: It is not UTF-8 or not YAML, repeats a key, or unfolds to more than it says.
    """
    try:
        builder = _Builder(text.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise DataFault(f"{path}: cannot be read ({error}). Save it as UTF-8.") from error
    return Document(path, builder.data, builder.lines)


class _Builder:
    """Builds data from the parser's events: nodes nested deeply enough would end the process, not raise."""

    def __init__(self, text: str, path: Path) -> None:
        self.lines: dict[tuple[Key, ...], int] = {}
        self._label = file_label(path)
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._most = VALUES_PER_CHARACTER * len(text) + REPEATED_VALUES
        self._values = 0
        self._loader = _Loader(text)
        try:
            self.data = self._document()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or str(error)
            raise DataFault(f"{self._label}{where}: not YAML: {problem}.") from error
        finally:
            self._loader.dispose()

    def _document(self) -> Any:
        self._loader.get_event()  # start of the stream
        if self._loader.check_event(yaml.StreamEndEvent):
            return None
        self._loader.get_event()  # start of the document
        data = self._value(())
        self._loader.get_event()  # its end
        if not self._loader.check_event(yaml.StreamEndEvent):
            raise self._fault(
                self._loader.peek_event(), "a second document starts. Put each into a file of its own"
            )
        return data

    def _value(self, at: tuple[Key, ...]) -> Any:
        event = self._loader.get_event()
        before = self._values
        self._values += 1
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event)
        if len(at) > MOST_DEPTH:
            raise self._fault(event, f"nested more than {MOST_DEPTH} deep. Write it flatter")
        if isinstance(event, yaml.MappingStartEvent):
            value: Any = self._mapping(at)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(at)
        else:
            value = self._scalar(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, self._values - before
        return value

    def _mapping(self, at: tuple[Key, ...]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while not self._loader.check_event(yaml.MappingEndEvent):
            event = self._loader.get_event()
            if not isinstance(event, yaml.ScalarEvent):
                raise self._fault(event, "a key has to be one word, neither a list nor an alias")
            key = str(event.value)
            if key in out:
                raise self._fault(event, f"{key} stands twice. Keep one of the two")
            here = (*at, key)
            self.lines[here] = _line(event)
            out[key] = self._value(here)
        self._loader.get_event()
        return out

    def _sequence(self, at: tuple[Key, ...]) -> list[Any]:
        items: list[Any] = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            here = (*at, len(items))
            self.lines[here] = _line(self._loader.peek_event())
            items.append(self._value(here))
        self._loader.get_event()
        return items

    def _scalar(self, event: Any) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark, event.style)
        try:
            return self._loader.construct_object(node)
        except _NOT_OF_KIND as error:
            # YAML takes 2026-13-01 for a day, and Python knows none of that name.
            raise self._fault(event, f"{event.value[:60]!r} cannot be read: {error}") from error

    def _repeated(self, event: Any) -> Any:
        """What an alias stands for. It is one object, but whoever reads it may walk through it once for each alias."""
        if event.anchor not in self._anchors:
            raise self._fault(
                event, f"*{event.anchor} stands for nothing: there is no whole &{event.anchor} before it"
            )
        value, size = self._anchors[event.anchor]
        self._values += size
        if self._values > self._most:
            raise self._fault(
                event,
                f"its aliases unfold to more than {self._most:,} values. Write out what is meant, without them",
            )
        return value

    def _fault(self, event: Any, what: str) -> DataFault:
        return DataFault(f"{self._label}, line {_line(event)}: {what}.")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
