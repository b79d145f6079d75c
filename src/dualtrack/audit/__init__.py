"""A saved run held against a second computation: its paths run again, its months solved as linear programs."""

from dualtrack.audit.check import Audit, audit
from dualtrack.audit.gaps import Gap

__all__ = ["Audit", "Gap", "audit"]
