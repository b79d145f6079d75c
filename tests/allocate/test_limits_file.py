"""A limits file: what it says, with its sources, and every fault with file, line and key."""

import math
from datetime import date

import pytest

from dualtrack.allocate.book import AllocationFault
from dualtrack.allocate.limits_file import read_limits
from dualtrack.months import parse_month

ON = date(2026, 1, 31)


@pytest.fixture
def said(tmp_path, book, rulebook):
    """A function: the file of a text, read."""

    def read(text, on=ON):
        path = tmp_path / "limits.yaml"
        path.write_text(text, encoding="utf-8")
        return read_limits(path, book, rulebook, on)

    return read


def test_plain_numbers_are_the_users(said):
    limits = said("set:\n  us.buyer_cap.units: 50_000\n  china.ratio.required: 0.5\n")
    assert limits.parameters == {"us.buyer_cap.units": 50_000, "china.ratio.required": 0.5}
    assert [(one.key, one.value, one.fact, one.by) for one in limits.given] == [
        ("set.us.buyer_cap.units", 50_000, None, "limits file"),
        ("set.china.ratio.required", 0.5, None, "limits file"),
    ]


def test_a_number_may_come_from_a_fact(said, book):
    limits = said("counts:\n  batches:\n    2026-03: {fact: import.h200.first_batch, scale: 0.5}\n")
    assert limits.batches == {parse_month("2026-03"): book.get("import.h200.first_batch").number / 2}
    assert limits.given[0].fact == "import.h200.first_batch"


def test_a_cap_may_be_taken_away(said):
    assert math.isinf(said("set: {us.share.limit: .inf}\n").parameters["us.share.limit"])


def test_gates_have_a_state_for_good_or_from_a_month_on(said):
    limits = said("gates:\n  us: review\n  china: {2026-02: rationed, 2026-05: quota}\n")
    assert limits.gates["us"] == {None: "review"}
    assert limits.gates["china"] == {parse_month("2026-02"): "rationed", parse_month("2026-05"): "quota"}


def test_counts_go_by_the_ids_of_the_catalogue(said):
    limits = said(
        "counts:\n"
        "  us_units: {H200: {so_far: 2000000, per_month: 1000}, H20: 5}\n"
        "  sent_to_china: {h200: 7}\n"
        "  sent_to_buyer: {tencent: 8}\n"
    )
    assert limits.us_units == {"nvidia.h200_sxm": (2_000_000, 1000), "nvidia.h20_96gb": (5, 0)}
    assert limits.sent_to_china == {"nvidia.h200_sxm": 7}
    assert limits.sent_to_buyer == {"tencent": 8}


def test_nothing_said_of_batches_is_not_no_batch(said):
    assert said("title: nothing\n").batches is None
    assert said("counts: {batches: {}}\n").batches == {}


def test_a_buyer_of_ones_own_has_attributes_and_may_be_counted(said):
    limits = said(
        "buyers:\n  Acme: {headquarters: SG, state_owned: false, approved_on: 2026-01-20}\n"
        "counts: {domestic_chips: {acme: 40}}\n"
    )
    acme = limits.buyers["acme"]
    assert (acme.headquarters, acme.state_owned, acme.military_links) == ("SG", False, None)
    assert acme.approved_on == date(2026, 1, 20)
    assert acme.priority > max(limits.buyers[name].priority for name in ("bytedance", "state"))
    assert limits.domestic_chips == {"acme": 40}
    assert "bytedance" in limits.buyers


def test_a_ratio_by_money_names_the_chip_bought_at_home(said):
    limits = said("ratio: {basis: spend, domestic_chip: huawei.ascend_910c}\n")
    assert limits.ratio_basis == "spend"
    assert limits.domestic_chip.id == "huawei.ascend_910c"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["wanted keys such as `set:`"]),
        ("set: [1\n", ["limits.yaml, line", "not YAML"]),
        ("sets: {}\n", ["line 1, sets", "Did you mean 'set'"]),
        ("set:\n  us.buyer_cap.unit: 5\n", ["line 2, set.us.buyer_cap.unit", "Did you mean 'us.buyer_cap.units'"]),
        ("set:\n  us.buyer_cap.units: many\n", ["line 2", "us.buyer_cap.units", "'many'"]),
        ("set:\n  us.buyer_cap.units: -1\n", ["line 2", "cannot be", "from 0 on"]),
        ("set:\n  us.buyer_cap.units: .nan\n", ["line 2", "cannot be"]),
        ("set:\n  us.buyer_cap.units: {assumption: why}\n", ["line 2", "`value:` and `fact:`"]),
        ("set:\n  us.buyer_cap.units: {fact: import.demand.big_too}\n", ["line 2", "Did you mean 'import.demand.big_two'"]),
        ("set:\n  us.buyer_cap.units: {fact: import.ratio.official}\n", ["line 2", "no number"]),
        ("gates: {china: opne}\n", ["line 1, gates.china", "'opne'", "Did you mean 'open'"]),
        ("gates:\n  us:\n    2026-13: review\n", ["line 3", "2026-13"]),
        ("counts:\n  sent_to_buyer:\n    tencnet: 5\n", ["line 3", "Did you mean 'tencent'"]),
        ("counts:\n  sent_to_china:\n    H201: 5\n", ["line 3", "Did you mean", "'h200'"]),
        ("counts:\n  sent_to_china:\n    H200: .inf\n", ["line 3", "cannot be"]),
        ("counts:\n  batches:\n    soon: 5\n", ["line 3", "is not a month"]),
        ("ratio: {basis: spend}\n", ["line 1, ratio.basis", "domestic_chip"]),
        ("ratio: {basis: weight}\n", ["line 1, ratio.basis", "weight"]),
        ("ratio: {basis: compute, domestic_chip: nvidia.nothing}\n", ["ratio.domestic_chip", "Unknown chip"]),
        ("buyers:\n  acme: {headquarters: China}\n", ["line 2, buyers.acme.headquarters", "China"]),
        ("buyers:\n  acme: {headquarters: CN, militry_links: false}\n", ["Did you mean 'military_links'"]),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_and_key(said, text, wanted):
    with pytest.raises(AllocationFault) as caught:
        said(text)
    for words in ("limits.yaml", *wanted):
        assert words in str(caught.value), str(caught.value)


def test_all_faults_are_told_at_once(said):
    with pytest.raises(AllocationFault) as caught:
        said("set: {us.cap: 1}\ngates: {us: shut}\ncounts: {sent_to_china: {B9000: 1}}\n")
    message = str(caught.value)
    assert "(3 faults)" in message
    for words in ("us.cap", "'shut'", "B9000"):
        assert words in message


def test_a_fact_of_a_later_day_is_not_known(said):
    with pytest.raises(AllocationFault, match="was not known on 2026-01-16"):
        said("counts: {batches: {2026-02: {fact: import.h200.first_batch}}}\n", date(2026, 1, 16))


def test_a_file_that_is_not_there_is_refused(tmp_path, book, rulebook):
    with pytest.raises(AllocationFault, match="cannot be read"):
        read_limits(tmp_path / "absent.yaml", book, rulebook, ON)
