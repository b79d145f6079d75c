"""Sharing a stock among orders under the rulebook's limits: an optimum, its prices, and other policies beside it."""

from dualtrack.allocate.allocation import (
    Allocation,
    Binding,
    Objective,
    Served,
    ShadowPrice,
    allocate,
    compare,
)
from dualtrack.allocate.book import AllocationFault, OrderBook, Stock
from dualtrack.allocate.conflicts import AllocationConflict
from dualtrack.allocate.counts import Counts
from dualtrack.allocate.policies import POLICIES

__all__ = [
    "POLICIES",
    "Allocation",
    "AllocationConflict",
    "AllocationFault",
    "Binding",
    "Counts",
    "Objective",
    "OrderBook",
    "Served",
    "ShadowPrice",
    "Stock",
    "allocate",
    "compare",
]
