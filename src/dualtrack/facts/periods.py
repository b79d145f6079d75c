"""The period inside a fact's id: what stays when the period changes, and what stands before it."""

from __future__ import annotations

import re
from functools import lru_cache

# A period stands between dots or underscores: 2025, 2025q4, fy2026q1, 2025h1, 2025_9m, 2025-06, 2025_08_12.
_PERIOD = re.compile(
    r"(?:(?<=[._])|^)"
    r"(?:(?P<fiscal>fy)?(?P<year>(?:19|20)\d{2})"
    r"(?:(?P<quarter>q[1-4])|(?P<half>h[12])|(?P<nine>_9m)"
    r"|(?P<point>[-_](?:0[1-9]|1[0-2])(?:[-_](?:0[1-9]|[12]\d|3[01]))?))?)"
    r"(?=[._]|$)"
)


@lru_cache(maxsize=8192)
def subject(fact_id: str) -> str | None:
    """The id with each period replaced by its kind; None where the id has no period.

    >>> subject("tencent.capex.2025q4"), subject("idc.china.accelerators.2025_nvidia")
    ('tencent.capex.<quarter>', 'idc.china.accelerators.<year>_nvidia')
    """
    text, count = _PERIOD.subn(_kind, fact_id)
    return text if count else None


@lru_cache(maxsize=8192)
def stem(fact_id: str) -> str | None:
    """The id up to and with its last period; None where it has none.

    >>> stem("huawei.ascend.units.2025.idc")
    'huawei.ascend.units.2025'
    """
    found = list(_PERIOD.finditer(fact_id))
    return fact_id[: found[-1].end()] if found else None


def _kind(match: re.Match[str]) -> str:
    for kind in ("quarter", "half", "nine", "point"):
        if match[kind]:
            return f"<{'fiscal ' if match['fiscal'] else ''}{kind}>"
    return f"<{'fiscal ' if match['fiscal'] else ''}year>"
