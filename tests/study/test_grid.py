"""What `--over` may say, what it means, and what is refused."""

from __future__ import annotations

import pytest

from dualtrack.errors import Fault
from dualtrack.study.grid import Grid, parse_grid, size_fault, size_of


def grid(*texts: str) -> Grid:
    faults: list[Fault] = []
    found = parse_grid(texts, faults)
    assert found is not None and not faults, faults
    return found


def labels(text: str) -> tuple[str, ...]:
    return grid(text).axes[0].labels


def test_even_values_are_labelled_as_they_would_be_typed() -> None:
    assert labels("us.share_limit=0:1:11")[3] == "0.3"
    assert labels("china.ratio=0:3:4") == ("0", "1", "2", "3")
    assert grid("us.share_limit=0:1:11").axes[0].specs[3].value == 0.3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("china.ratio_timing=before,with,within", ("before", "with", "within")),
        ("us.revocation=2026-05:2026-11:3", ("2026-05", "2026-08", "2026-11")),
        ("us.revocation=none,2026-05,2026-06..2026-09", ("none", "2026-05", "2026-06..2026-09")),
        ("us.hazard.close=counted,0.02", ("counted", "0.02")),
        ("china.ratio=1", ("1",)),
        ("china.ratio=0.3:1:2.5,1", ("0.3:1:2.5", "1")),
        ("us.notice_months=0:12:5", ("0", "3", "6", "9", "12")),
    ],
)
def test_values_of_every_kind(text: str, wanted: tuple[str, ...]) -> None:
    assert labels(text) == wanted


def test_only_numbers_are_a_scale() -> None:
    assert grid("china.ratio=0:3:4").axes[0].numbers == [0, 1, 2, 3]
    for text in ("us.hazard.close=counted,0.02", "us.revocation=none,2026-05", "china.ratio=0.3:1:2.5,1"):
        assert grid(text).axes[0].numbers is None


def test_the_first_key_changes_slowest() -> None:
    two = grid("us.share_limit=0,1", "china.ratio=0:3:4")
    assert (two.shape, two.points) == ((2, 4), 8)
    assert [two.places(point) for point in (0, 3, 4, 7)] == [(0, 0), (0, 3), (1, 0), (1, 3)]
    assert two.labels(5) == {"us.share_limit": "1", "china.ratio": "1"}


REFUSED = {
    "nothing": ([], ["names the key to sweep"]),
    "no values": (["china.ratio="], ["FROM:TO:HOW MANY"]),
    "unknown key": (["chian.ratio=0:3:4"], ["Did you mean 'china.ratio'"]),
    "run key": (["paths=100,200"], ["paths", "the same at every point"]),
    "chip": (["vendor.chip=h200,h20"], ["vendor.chip", "cannot be swept"]),
    "empty": (["china.ratio=0:3:0"], ["empty grid"]),
    "negative": (["china.ratio=0:3:-2"], ["empty grid"]),
    "how many": (["china.ratio=0:3:x"], ["'x' is not a whole number"]),
    "downwards": (["china.ratio=3:0:4"], ["run downwards"]),
    "one of a range": (["china.ratio=0:3:1"], ["2 or more"]),
    "all the same": (["china.ratio=1:1:3"], ["the same"]),
    "two parts": (["china.ratio=0:3"], ["no row of values"]),
    "not a number": (["china.ratio=a:3:4"], ["'a' is not a number"]),
    "infinite": (["china.ratio=0:inf:4"], ["'inf' is not a number"]),
    "out of bounds": (["china.ratio=0:30:4"], ["30 is outside 0 to 20"]),
    "a probability above 1": (["demand.realism=0.5,1.5"], ["1.5", "0 to 1"]),
    "choice": (["china.ratio_timing=before,wiht"], ["wiht", "Did you mean 'with'"]),
    "a row of names": (["china.ratio_timing=0:2:3"], ["no row of values"]),
    "no whole months": (["us.notice_months=0:10:4"], ["3.33333333333", "whole number"]),
    "uneven months": (["us.revocation=2026-05:2026-10:3"], ["evenly"]),
    "missing value": (["china.ratio=0,,1"], ["between two commas"]),
    "twice the same value": (["china.ratio=0,1,1"], ["1 stands there more than once"]),
    "twice the same key": (["china.ratio=0,1", "china.ratio=2,3"], ["swept twice"]),
    "three keys": (["china.ratio=0,1", "us.share_limit=0,1", "us.levy_rate=0,0.1"], ["given 3 times"]),
    "far too many": (["china.ratio=0:3:10000000"], ["10,000,000", "20,000"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_fault_is_told(name: str) -> None:
    texts, wanted = REFUSED[name]
    faults: list[Fault] = []
    assert parse_grid(texts, faults) is None
    said = "\n".join(map(str, faults))
    for text in wanted:
        assert text in said, said


def test_all_faults_are_told_at_once() -> None:
    faults: list[Fault] = []
    parse_grid(["chian.ratio=0:3:4", "demand.realism=0,2,3"], faults)
    assert len(faults) == 3


def test_a_grid_at_the_limit_is_let_through_and_one_above_is_not() -> None:
    below = size_of(grid("china.ratio=0:3:200", "us.levy_rate=0:0.5:100"), 10, 12, numbers=1, workers=2)
    above = size_of(grid("china.ratio=0:3:201", "us.levy_rate=0:0.5:100"), 10, 12, numbers=1, workers=2)
    assert size_fault(below, None) is None
    fault = str(size_fault(above, None))
    for text in ("20,100 points (201 x 100)", "10 paths", "20,000 points", "12 hours", "would do"):
        assert text in fault


def test_time_and_memory_have_limits_too() -> None:
    small = grid("china.ratio=0:3:100")
    assert "12 hours" in str(size_fault(size_of(small, 2_000_000, 36, numbers=1, workers=1), None))
    size = size_of(small, 10_000, 12, numbers=10, workers=1)
    assert size_fault(size, 10 * size.bytes) is None
    assert "MB here" in str(size_fault(size, size.bytes))
