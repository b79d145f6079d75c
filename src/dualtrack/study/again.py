"""The command that makes a study again, anywhere and on any number of processes."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any


def command_line(study: str, arguments: Iterable[str], options: Mapping[str, Any]) -> str:
    """The command as one types it.

    Args:
        options: By name, in order. A list gives an option several times, True gives it without a value; None and
            False leave it out.

    >>> command_line("sweep", ["h200-truce"], {"over": ["china.ratio=0:3:4"], "game": True, "known_by": None})
    'dualtrack sweep h200-truce --over china.ratio=0:3:4 --game'
    """
    words = ["dualtrack", study, *arguments]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            for one in value if isinstance(value, (list, tuple)) else [value]:
                words += [option, str(one)]
    return shlex.join(words)
