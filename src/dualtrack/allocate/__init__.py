"""Sharing a stock among orders under the rulebook's limits: an optimum, its prices, and other policies beside it."""

from dualtrack.allocate.allocation import Allocation, Objective, Served, allocate, compare
from dualtrack.allocate.book import AllocationFault, OrderBook, Stock
from dualtrack.allocate.conflicts import AllocationConflict
from dualtrack.allocate.counts import Counts
from dualtrack.allocate.explain import Binding, ShadowPrice
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
