"""Months, periods and quarters. A month is counted from year 0, so arithmetic is plain integers."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from dualtrack.errors import DataFault

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(FY)?(\d{4})[Qq]([1-4])")
_HALF = re.compile(r"(\d{4})[Hh]([12])")
_YEAR = re.compile(r"(FY)?(\d{4})")

DAYS_PER_MONTH = 365.25 / 12


def parse_month(text: str) -> int:
    """The month's number.

    >>> parse_month("2026-02") - parse_month("2025-12")
    2
    """
    match = _MONTH.fullmatch(str(text).strip())
    if not match or not 1 <= int(match[2]) <= 12:
        raise DataFault(f"{text!r} is not a month. Wanted: YYYY-MM, for example 2026-10.")
    return int(match[1]) * 12 + int(match[2]) - 1


def month_label(month: int) -> str:
    """
    >>> month_label(parse_month("2026-02") + 11)
    '2027-01'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    return first_day(month + 1) - timedelta(days=1)


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def parse_date(text: object, *, end: bool = True) -> date:
    """A day from an ISO date, month, quarter, half, year, Nvidia fiscal period, or a range of these.

    Args:
        text: `2026-01-14`, `2026-01`, `2025Q4`, `2025H1`, `2025`, `FY2026Q3`, `FY2026`,
            `2025-04/2025-07`, `2025-2028`.
        end: Give the last day of a period (its first day otherwise).

    >>> parse_date("FY2026Q1"), parse_date("2025Q4"), parse_date("2025-06", end=False)
    (datetime.date(2025, 4, 27), datetime.date(2025, 12, 31), datetime.date(2025, 6, 1))
    """
    if isinstance(text, date):
        return text
    parts = _split_range(str(text).strip())
    part = parts[-1] if end else parts[0]
    try:
        days = _period_days(part)
    except (ValueError, OverflowError):
        # A year that the calendar has not, such as 0, or the day after 9999.
        days = None
    if days is None:
        raise DataFault(f"{text!r} is not a date. Wanted: 2026-01-14, 2026-01, 2025Q4, FY2026Q3 or 2025.")
    return days[1] if end else days[0]


def parse_day(text: object) -> date:
    """One day, where a period would not do.

    Raises:
        DataFault: The text is no date, or names more than a day.
    """
    first, last = parse_date(text, end=False), parse_date(text)
    if first != last:
        raise DataFault(f"{text!r} is a period, {first} to {last}. Wanted: one day, such as {last}.")
    return first


def _split_range(text: str) -> list[str]:
    if "/" in text:
        return text.split("/")
    if re.fullmatch(r"\d{4}-\d{4}", text) or re.fullmatch(r"FY\d{4}(Q\d)?-FY\d{4}(Q\d)?", text):
        return text.split("-")
    return [text]


def _period_days(text: str) -> tuple[date, date] | None:
    try:
        day = date.fromisoformat(text)
        return day, day
    except ValueError:
        pass
    if match := _MONTH.fullmatch(text):
        if not 1 <= int(match[2]) <= 12:
            return None
        month = parse_month(text)
        return first_day(month), last_day(month)
    if match := _QUARTER.fullmatch(text):
        year, quarter = int(match[2]), int(match[3])
        if match[1]:
            return fiscal_quarter_days(year, quarter)
        first = year * 12 + 3 * (quarter - 1)
        return first_day(first), last_day(first + 2)
    if match := _HALF.fullmatch(text):
        first = int(match[1]) * 12 + 6 * (int(match[2]) - 1)
        return first_day(first), last_day(first + 5)
    if match := _YEAR.fullmatch(text):
        year = int(match[2])
        if match[1]:
            return fiscal_quarter_days(year, 1)[0], fiscal_quarter_days(year, 4)[1]
        return date(year, 1, 1), date(year, 12, 31)
    return None


def fiscal_year_end(year: int) -> date:
    """Nvidia's fiscal year ends on the last Sunday of January.

    >>> fiscal_year_end(2026)
    datetime.date(2026, 1, 25)
    """
    day = date(year, 1, calendar.monthrange(year, 1)[1])
    return day - timedelta(days=(day.weekday() + 1) % 7)


def fiscal_quarter_days(year: int, quarter: int) -> tuple[date, date]:
    """First and last day of a quarter of Nvidia's fiscal year (13 weeks; a 14th in a 53-week year)."""
    start = fiscal_year_end(year - 1) + timedelta(days=1 + 91 * (quarter - 1))
    end = fiscal_year_end(year) if quarter == 4 else start + timedelta(days=90)
    return start, end


def fiscal_quarter(month: int) -> str:
    """The quarter of Nvidia's fiscal year that a month is booked in: February to April 2026 is FY2027Q1.

    The fiscal quarters end in the last week of January, April, July and October, so whole calendar
    months are booked in the quarter that holds nearly all of their days.

    >>> fiscal_quarter(parse_month("2026-02")), fiscal_quarter(parse_month("2027-01"))
    ('FY2027Q1', 'FY2027Q4')
    """
    shifted = month - 1
    return f"FY{shifted // 12 + 1:04d}Q{shifted % 12 // 3 + 1}"


def calendar_quarter(month: int) -> str:
    """
    >>> calendar_quarter(parse_month("2026-02"))
    '2026Q1'
    """
    return f"{month // 12:04d}Q{month % 12 // 3 + 1}"


def months_between(start: date, end: date) -> float:
    """Months from one day to another, by mean month length; never below zero."""
    return max((end - start).days, 0) / DAYS_PER_MONTH
