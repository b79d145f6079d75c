from __future__ import annotations

from pathlib import Path

import pytest
from tests.decide.orders import EVERYTHING

from dualtrack.decide.own import own_buyer, own_chips
from dualtrack.decide.reading import KEYS, read_order, usual_end_use
from dualtrack.entities import load_buyers
from dualtrack.errors import DataFault, DualtrackError, ScenarioFault
from dualtrack.rules.fields import END_USES

ORDER = """\
chip: H200
buyer: ByteDance
units: 60_000
destination: hong-kong
end_use: research
price_usd: 20000
on: 2026-01-20
us_units: 3000000
ratio: 0.5
declare: {kyc: yes, third-party-test: no}
ledger: ledgers/mine.csv
"""


@pytest.fixture
def order_file(tmp_path):
    path = tmp_path / "order.yaml"
    path.write_text(ORDER, encoding="utf-8")
    return path


def faults_of(tmp_path, text, **options):
    path = tmp_path / "order.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DualtrackError) as refused:
        read_order(path, options, {})
    return str(refused.value)


def test_an_order_with_every_key(order_file):
    asked = read_order(order_file, {}, {})
    order = asked.order
    assert (order.chip.id, order.buyer.id, order.units) == ("nvidia.h200_sxm", "bytedance", 60_000)
    assert (order.destination, order.end_use, order.price_usd) == ("hong_kong", "research", 20_000)
    assert order.declarations == {"order.kyc": True, "order.third_party_test": False}
    assert (str(asked.on), asked.us_units, asked.ratio) == ("2026-01-20", 3_000_000, 0.5)
    assert asked.ledger == order_file.parent / "ledgers" / "mine.csv"


def test_what_the_command_line_says_holds(order_file):
    options = {
        "chip": "L20",
        "units": "7",
        "destination": None,
        "on": "2025-05-01",
        "ledger": Path("here.csv"),
    }
    asked = read_order(order_file, options, {"order.kyc": False})
    assert (asked.order.chip.id, asked.order.units) == ("nvidia.l20", 7)
    assert asked.order.destination == "hong_kong"
    assert str(asked.on) == "2025-05-01"
    assert asked.order.declarations["order.kyc"] is False
    assert asked.order.declarations["order.third_party_test"] is False
    assert asked.ledger == Path("here.csv")


def test_what_is_left_out():
    asked = read_order(None, {"chip": "h200", "buyer": "STATE", "units": 5}, {})
    assert (asked.order.destination, asked.order.end_use) == ("mainland", "government")
    assert (asked.on, asked.us_units, asked.ratio, asked.ledger) == (None, None, None, None)
    assert asked.order.price_usd is None and not asked.order.declarations


def test_every_class_of_buyer_has_a_usual_use():
    assert {usual_end_use(buyer) for buyer in load_buyers()} <= set(END_USES)


@pytest.mark.parametrize("units", ["1", 1, 1.0, "1e3", "60_000", "2.0", 999_999_999_999])
def test_units_that_are_whole(units):
    assert read_order(None, {"chip": "H200", "buyer": "state", "units": units}, {}).order.units >= 1


@pytest.mark.parametrize(
    "units",
    [-1, 0, 0.5, "1.5", "many", "", "60,000", "nan", "inf", "-inf", 10**12, "1e400", True, [1], {}, "1 000"],
)
def test_units_that_are_not(units):
    with pytest.raises(ScenarioFault, match=r"--units: .* does not fit\. Wanted: a whole number"):
        read_order(None, {"chip": "H200", "buyer": "state", "units": units}, {})


@pytest.mark.parametrize("key", ["price_usd", "us_units", "ratio"])
@pytest.mark.parametrize("value", [-1, "x", "nan", "inf", True])
def test_numbers_that_are_not(key, value):
    with pytest.raises(ScenarioFault, match=r"does not fit\. Wanted: a number from 0"):
        read_order(None, {"chip": "H200", "buyer": "state", "units": 1, key: value}, {})


def test_everything_missing_is_told_at_once():
    with pytest.raises(ScenarioFault) as refused:
        read_order(None, {}, {})
    text = str(refused.value)
    assert "(3 faults)" in text
    for key in ("--chip: is missing", "--buyer: is missing", "--units: is missing"):
        assert key in text


def test_faults_of_a_file_have_the_line(tmp_path):
    text = faults_of(
        tmp_path,
        "chip: H2000\nbuyer: bitedance\nunits: 1.5\ndestination: moon\nend_use: play\non: someday\n"
        "declare: {kycs: yes, kyc: perhaps}\nunitz: 3\n",
    )
    assert "(9 faults)" in text
    for line, key in enumerate(("chip", "buyer", "units", "destination", "end_use", "on"), 1):
        assert f"line {line}, {key}: " in text, key
    assert "line 7, declare.kycs: there is no declaration 'kycs'. Did you mean 'kyc'?" in text
    assert "line 7, declare.kyc: 'perhaps' does not fit. Wanted: yes or no." in text
    assert "line 8, unitz: there is no such key. Did you mean 'units'" in text


def test_an_option_at_fault_is_named_as_the_option(tmp_path):
    text = faults_of(tmp_path, ORDER, units="some", price_usd="-1", us_units="x")
    assert "--units: 'some'" in text and "--price: '-1'" in text and "--us-units: 'x'" in text
    assert "order.yaml" not in text


@pytest.mark.parametrize("text", ["", "- chip\n", "H200\n", "3\n"])
def test_a_file_that_is_no_order(tmp_path, text):
    assert "wanted an order, with chip, buyer and units" in faults_of(tmp_path, text)


def test_a_key_that_stands_twice_and_a_file_that_is_no_yaml(tmp_path):
    assert "line 2: chip stands twice" in faults_of(tmp_path, "chip: H200\nchip: H20\n")
    assert "line 2: not YAML" in faults_of(tmp_path, "chip: H200\n bad: : x\n")


def test_a_day_that_the_calendar_does_not_have(tmp_path):
    text = faults_of(tmp_path, "chip: H200\nbuyer: state\nunits: 1\non: 2026-13-01\n")
    assert "line 4" in text and "2026-13-01" in text


def test_declarations_are_a_mapping(tmp_path):
    text = faults_of(tmp_path, "chip: H200\nbuyer: state\nunits: 1\ndeclare: [kyc]\n")
    assert "line 4, declare: wanted a list of answers" in text


def test_every_fault_of_an_own_chip_and_buyer_is_told_with_its_line(tmp_path):
    text = faults_of(
        tmp_path,
        "chip:\n  dense_tflops: {fp9: 3, fp8: -1}\n  die_area_mm2: 0\n  colour: red\n"
        "  ranges: {power: [1, 2]}\n"
        "buyer:\n  headquarters: SGX\n  military_links: perhaps\n  colour: red\n  listed_owner_share: 2\n"
        "units: 1\n",
    )
    for place in (
        *("line 2, chip.dense_tflops.fp8", "line 3, chip.die_area_mm2", "line 4, chip.colour"),
        *("line 6, buyer.name", "line 7, buyer.headquarters", "line 8, buyer.military_links"),
        *("line 9, buyer.colour", "line 10, buyer.listed_owner_share"),
    ):
        assert place in text, place
    assert "'fp9'" in text and "'power'" in text


def test_an_own_chip_that_knows_its_ranges(tmp_path):
    path = tmp_path / "chips.yaml"
    path.write_text(
        "one: {dense_tflops: {fp8: 1000}, memory_bandwidth_gbps: 4000, ranges: {dense_tflops.fp8: [900, 1100]}}\n"
        "two: {dense_tflops: {fp8: 1000, fp16_bf16: 500}}\n",
        encoding="utf-8",
    )
    one, two = own_chips(path)
    assert (one.id, one.tpp, one.tpp_span) == ("one", 8000, (7200, 8800))
    assert (two.tpp, two.tpp_span, two.memory_bandwidth_span) == (8000, (8000, 8000), None)


@pytest.mark.parametrize("code", ["cn", "Cn", "hk"])
def test_a_country_code_is_read_in_any_case(code):
    assert own_buyer("a", {"name": "A", "headquarters": code}, None, ()).headquarters == code.upper()


@pytest.mark.parametrize("code", ["12", "C.", "China", ""])
def test_a_country_code_is_two_letters(code):
    with pytest.raises(DataFault, match="headquarters"):
        own_buyer("a", {"name": "A", "headquarters": code}, None, ())


def test_the_keys_are_those_that_the_command_line_has_too():
    assert set(KEYS) >= {"chip", "buyer", "units", "destination", "end_use", "price_usd", "on", "declare"}
    assert len(EVERYTHING) > 20
