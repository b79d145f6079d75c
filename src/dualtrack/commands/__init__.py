"""What each command does, between the parsing in `cli` and the layers below."""

from dualtrack.commands.checking import check
from dualtrack.commands.classifying import classify_chips
from dualtrack.commands.deciding import decide_batch, decide_order
from dualtrack.commands.explaining import explain
from dualtrack.commands.reference import cite, list_keys, search_facts
from dualtrack.commands.running import brief, run

__all__ = [
    "brief",
    "check",
    "cite",
    "classify_chips",
    "decide_batch",
    "decide_order",
    "explain",
    "list_keys",
    "run",
    "search_facts",
]
