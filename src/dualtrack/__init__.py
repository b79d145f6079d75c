"""dualtrack: the controlled trade in AI accelerators, decided, shared out and simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dualtrack.version import __version__

if TYPE_CHECKING:
    from dualtrack.session import run
    from dualtrack.study.compare import compare

__all__ = ["__version__", "compare", "run"]


def __getattr__(name: str) -> Any:
    # `dualtrack --help` must not wait for numpy and xarray, so the engine is imported when first asked for.
    if name == "run":
        from dualtrack.session import run

        return run
    if name == "compare":
        from dualtrack.study.compare import compare

        return compare
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
