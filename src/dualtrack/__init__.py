"""dualtrack: the controlled trade in AI accelerators, decided, shared out and simulated."""

__version__ = "0.1.0"
