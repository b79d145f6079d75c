"""The decision on one order, as the interface gives it and the page shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dualtrack.decide.asking import decide_asked
from dualtrack.decide.document import decision_document


def decide_order(options: Mapping[str, str], declared: Sequence[str]) -> bytes:
    """The document of `dualtrack decide --json`.

    Args:
        options: By key of `decide.reading.KEYS`, as typed; those left out were not given.
        declared: `NAME=yes` and `NAME=no`.

    Raises:
        ScenarioFault: The order cannot be read; every fault is listed.
    """
    document = decision_document(decide_asked(None, options, declared))
    return json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
