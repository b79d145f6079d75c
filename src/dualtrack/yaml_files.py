"""YAML with line numbers: plain data, and where each key stood, so that errors can say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dualtrack.errors import DataFault, file_label

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

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
        DataFault: The file is missing, is not YAML, or repeats a key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFault(f"{path}: cannot be read ({error}). Check the path.") from error
    loader = _Loader(text)
    try:
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
    except ValueError as error:
        # YAML takes 2026-13-01 for a day, and Python knows none of that name.
        line = node.start_mark.line + 1
        raise DataFault(
            f"{file_label(path)}, line {line}: {node.value!r} cannot be read: {error}."
        ) from error
