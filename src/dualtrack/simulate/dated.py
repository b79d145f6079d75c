"""Where in time the yearly inputs of a run stand: months after its first, which is a February.

The year of the start is the run's first year; the figures of keys that speak of "the first year" are about
it. Counted from the start, one kernel serves a run from February 2026 and a back-test from February 2023.
"""

from __future__ import annotations

from typing import Final

LAST_YEAR_END: Final = -2
FIRST_YEAR_BEGIN: Final = -1
FIRST_YEAR_MIDDLE: Final = 5
FIRST_YEAR_END: Final = 10
SECOND_YEAR_BEGIN: Final = 11

# The month of packaging figures: the last of the first half of the first year.
PACKAGING: Final = 4
# A year before the start, from which the past rise of yield is taken.
YEAR_BEFORE: Final = -12
# The middle of the quarter before the last, the newest whose flow could be counted; and of last year.
FLOW: Final = -6
LAST_YEAR_MIDDLE: Final = -7
