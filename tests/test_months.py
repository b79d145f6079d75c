from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack import months
from dualtrack.errors import DataFault

any_month = st.integers(2000 * 12, 2100 * 12)


@given(any_month)
def test_a_month_survives_its_label(month):
    assert months.parse_month(months.month_label(month)) == month


@given(any_month)
def test_a_month_ends_the_day_before_the_next_begins(month):
    assert (months.first_day(month + 1) - months.last_day(month)).days == 1
    assert months.month_of(months.first_day(month)) == months.month_of(months.last_day(month)) == month


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "26-01", "January 2026", "2026-1"])
def test_what_is_no_month_is_refused_with_what_was_wanted(text):
    with pytest.raises(DataFault, match="YYYY-MM"):
        months.parse_month(text)


@pytest.mark.parametrize(
    ("year", "quarter", "end"),
    [
        # The last is the fiscal year's end, always a Sunday; FY2023 began after a 52-week year.
        (2023, 1, date(2022, 5, 1)),
        (2025, 4, date(2025, 1, 26)),
        (2026, 1, date(2025, 4, 27)),
        (2026, 2, date(2025, 7, 27)),
        (2026, 3, date(2025, 10, 26)),
        (2026, 4, date(2026, 1, 25)),
    ],
)
def test_nvidia_quarters_end_on_the_days_the_company_gives(year, quarter, end):
    assert months.fiscal_quarter_days(year, quarter)[1] == end
    assert months.parse_date(f"FY{year}Q{quarter}") == end


@given(st.integers(2010, 2060), st.integers(1, 3))
def test_fiscal_quarters_leave_no_gap(year, quarter):
    _, end = months.fiscal_quarter_days(year, quarter)
    start, _ = months.fiscal_quarter_days(year, quarter + 1)
    assert (start - end).days == 1
    assert months.fiscal_quarter_days(year, 4)[1].weekday() == 6


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01-14", date(2026, 1, 14), date(2026, 1, 14)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025H1", date(2025, 1, 1), date(2025, 6, 30)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("FY2026", date(2025, 1, 27), date(2026, 1, 25)),
        ("FY2026Q3-FY2026Q4", date(2025, 7, 28), date(2026, 1, 25)),
        ("FY2022-FY2024Q3", date(2021, 2, 1), date(2023, 10, 29)),
        ("2025-2028", date(2025, 1, 1), date(2028, 12, 31)),
        ("2025-04/2025-07", date(2025, 4, 1), date(2025, 7, 31)),
        ("2025-01-01/2025-09-30", date(2025, 1, 1), date(2025, 9, 30)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(text, start, end):
    assert (months.parse_date(text, end=False), months.parse_date(text)) == (start, end)


@pytest.mark.parametrize(
    "text", ["2025Q5", "2025-13", "soon", "", "2025H3", "2025-02-30", "0000", "9999-12", "FY0001"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(DataFault, match="is not a date"):
        months.parse_date(text)


@given(any_month)
def test_a_month_is_booked_in_the_fiscal_quarter_that_holds_most_of_its_days(month):
    name = months.fiscal_quarter(month)
    start, end = months.fiscal_quarter_days(int(name[2:6]), int(name[7]))
    days = (min(end, months.last_day(month)) - max(start, months.first_day(month))).days + 1
    assert days >= 24


def test_months_between_never_falls_below_zero():
    assert months.months_between(date(2026, 1, 1), date(2025, 1, 1)) == 0
    assert months.months_between(date(2025, 1, 1), date(2026, 1, 1)) == pytest.approx(12, abs=0.01)
