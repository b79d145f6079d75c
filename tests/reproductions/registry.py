"""Every case that is computed, by its id."""

from collections.abc import Mapping
from functools import cache

from . import computations, drawn
from .cases import load_cases
from .pieces import Computations, Figure

COMPUTATIONS = Computations({**computations.COMPUTATIONS, **drawn.COMPUTATIONS})


@cache
def figures_of(case_id: str) -> Mapping[str, Figure]:
    """The figures of a case as it stands in the file."""
    return COMPUTATIONS[case_id](load_cases()[case_id])
