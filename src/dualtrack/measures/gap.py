"""The gap in months: how long ago the US hyperscalers stood where China stands."""

from __future__ import annotations

import numpy as np

from dualtrack.futures.draws import Array
from dualtrack.measures.history import History


def gap_months(china: Array, us5: Array, us_scale: Array, opening_us: Array, history: History) -> Array:
    """Months since the US stock passed China's present stock, shape (month, path).

    Args:
        china: China's stock by month, shape (month, path).
        us5: The US stock by month, same shape.
        us_scale: The path's opening US stock over the median's; it scales the past too.
        opening_us: US stock a month after the last month of the history, shape (path,).

    Undefined (NaN) where China stands below the first month of the history, 0 where it is level or ahead.
    """
    past = history.stocks["us5"][:, None] * us_scale
    line = np.log(np.concatenate([past, opening_us[None], us5]))
    months, paths = china.shape
    before = past.shape[0] + 1
    out = np.empty(china.shape)
    column = np.arange(paths)
    for month in range(months):
        level = np.log(np.maximum(china[month], 1.0))
        now = before + month
        passed = np.zeros(paths, dtype=np.int64)
        for row in line[: now + 1]:
            passed = passed + (row <= level)
        earlier = np.clip(passed - 1, 0, now - 1)
        low, high = line[earlier, column], line[earlier + 1, column]
        rise = np.where(high > low, high - low, 1.0)
        when = earlier + np.clip((level - low) / rise, 0.0, 1.0)
        gap = np.where(passed > now, 0.0, now - when)
        out[month] = np.where(passed == 0, np.nan, gap)
    return out
