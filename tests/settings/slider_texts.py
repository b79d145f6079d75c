"""What the page writes into a field as its slider moves, as static/scales.js does."""

from __future__ import annotations

from dualtrack.settings.controls import Control
from dualtrack.settings.values import number_text

LOG_DIGITS = 3


def text_at(control: Control, position: float) -> str:
    """What `--set` takes for a position of the slider; on a logarithmic scale to three digits."""
    if control.scale == "log":
        return number_text(float(f"{10.0**position:.{LOG_DIGITS}g}"))
    # Steps of a tenth add up to 0.30000000000000004.
    return number_text(round(position, 10))
