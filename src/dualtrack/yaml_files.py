"""YAML with line numbers: plain data, and where each key stood, so that errors can say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dualtrack.errors import DataFault, file_label

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OURS = Path(__file__).parent

Key = str | int
MOST_NESTED = 50
# A few lines of aliases can stand for more than memory holds.
MOST_ENTRIES = 200_000


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
        DataFault: The file is missing, is not YAML, or repeats a key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFault(f"{path}: cannot be read ({error}). Check the path.") from error
    loader = _Loader(text)
    try:
        if not path.is_relative_to(_OURS):
            _check_extent(text, path)
        node = loader.get_single_node()
        lines: dict[tuple[Key, ...], int] = {}
        data = _build(loader, node, (), lines, path)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise DataFault(f"{file_label(path)}{where}: not YAML: {problem}.") from error
    finally:
        loader.dispose()
    return Document(path, data, lines)


def _build(loader: Any, node: Any, at: tuple[Key, ...], lines: dict[tuple[Key, ...], int], path: Path) -> Any:
    if node is None:
        return None
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*at, key)
            line = key_node.start_mark.line + 1
            if key in out:
                raise DataFault(f"{file_label(path)}, line {line}: {key} stands twice. Keep one of the two.")
            lines[here] = line
            out[key] = _build(loader, value_node, here, lines, path)
        return out
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            here = (*at, index)
            lines[here] = item.start_mark.line + 1
            items.append(_build(loader, item, here, lines, path))
        return items
    try:
        return loader.construct_object(node)
    except (ValueError, LookupError, AttributeError) as error:
        # YAML takes 2026-13-01 for a day, and Python knows none of that name; of a tag such as !!bool before
        # a word that is none the library says so in several ways.
        line = node.start_mark.line + 1
        raise DataFault(
            f"{file_label(path)}, line {line}: {node.value!r} cannot be read: {error}."
        ) from error


def _check_extent(text: str, path: Path) -> None:
    """Refuse a file of a user's that would take more room than any real one, before it is built.

    Raises:
        DataFault: It is nested too deeply, an alias stands within its own anchor, or it has too many entries.
    """
    total = 0
    sizes: dict[str | None, int] = {}
    # The anchor of each mapping and list that is open, and the entries of the file before it.
    begun: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in begun):
                raise _extent_fault(path, event, f"*{event.anchor} stands within what it repeats")
            total += sizes.get(event.anchor, 0)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = begun.pop()
            if anchor is not None:
                sizes[anchor] = total - before
        elif isinstance(event, yaml.NodeEvent):
            total += 1
            if isinstance(event, yaml.CollectionStartEvent):
                begun.append((event.anchor, total))
            elif event.anchor is not None:
                sizes[event.anchor] = 1
        if len(begun) > MOST_NESTED:
            raise _extent_fault(path, event, f"nested more than {MOST_NESTED} deep")
        if total > MOST_ENTRIES:
            raise _extent_fault(
                path, event, f"more than {MOST_ENTRIES:,} entries, those repeated by aliases included"
            )


def _extent_fault(path: Path, event: Any, what: str) -> DataFault:
    return DataFault(f"{file_label(path)}, line {event.start_mark.line + 1}: {what}. Write it shorter.")
