"""From the share that agrees to a verdict, and from the verdicts of the measures to that of the statement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal

Verdict = Literal["holds", "holds partly", "does not hold", "cannot be judged"]

HOLDS: Final = "holds"
PARTLY: Final = "holds partly"
FAILS: Final = "does not hold"
UNJUDGED: Final = "cannot be judged"
VERDICTS: Final = (HOLDS, PARTLY, FAILS, UNJUDGED)

# Four in five and one in five: as sure as the 80 % intervals that every result is given with.
HOLDS_AT: Final = 0.8
FAILS_AT: Final = 0.2
# Two standard errors: what another seed may move.
SURE_ERRORS: Final = 2.0


def verdict_of(share: float, holds_at: float = HOLDS_AT, fails_at: float = FAILS_AT) -> Verdict:
    """What a share of futures, reports or figures that agree with a test says of a measure.

    >>> verdict_of(0.8), verdict_of(0.79), verdict_of(0.2)
    ('holds', 'holds partly', 'does not hold')
    """
    if share >= holds_at:
        return HOLDS
    return FAILS if share <= fails_at else PARTLY


def combined(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a statement from those on its measures.

    It holds where it holds on all, does not hold where it holds on none of those that can be judged, and
    cannot be judged where none can. What holds on all that can be judged, but not all can be, holds partly.
    """
    judged = [verdict for verdict in verdicts if verdict != UNJUDGED]
    if not judged:
        return UNJUDGED
    if all(verdict == FAILS for verdict in judged):
        return FAILS
    return HOLDS if all(verdict == HOLDS for verdict in verdicts) else PARTLY


def is_close(share: float, futures: int, holds_at: float, fails_at: float) -> bool:
    """Whether a share lies so near to a threshold that another seed could give another verdict."""
    return any(
        abs(share - threshold) <= SURE_ERRORS * math.sqrt(max(threshold * (1.0 - threshold), 0.0) / futures)
        for threshold in (holds_at, fails_at)
    )
