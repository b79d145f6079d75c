import dataclasses
import pickle
from datetime import date

import pytest

from dualtrack.entities import Order, find_buyer, find_chip, load_buyers, load_chips
from dualtrack.errors import UnknownLabel
from dualtrack.facts.book import load_book
from dualtrack.months import parse_date


def test_every_shared_chip_is_in_the_catalogue():
    assert len(load_chips()) == 73
    assert load_chips() is load_chips()


@pytest.mark.parametrize(
    ("name", "tpp"),
    [("H200", 15832), ("H20", 2368), ("MI325X", 20919), ("A100", 4992), ("910C", 12032), ("B30A", 28000)],
)
def test_tpp_is_the_highest_dense_rate_times_bits(name, tpp):
    assert find_chip(name).tpp == pytest.approx(tpp, abs=0.5)


def test_the_precision_that_sets_the_tpp_is_named():
    assert find_chip("H200").tpp_set_by == "fp8"
    assert find_chip("B30A").tpp_set_by == "fp4"
    assert find_chip("A100").tpp_set_by in ("int8", "fp16_bf16")


@pytest.mark.parametrize("product", ["h200_sxm", "mi325x"])
def test_derived_tpp_agrees_with_the_cited_one(product):
    cited = load_book().get(f"export.product.{product}.tpp").number
    assert find_chip(product).tpp == pytest.approx(cited, rel=1e-4)


def test_tf32_sets_no_tpp():
    for chip in load_chips().values():
        assert chip.tpp_set_by != "tf32"
    chip = find_chip("aws.trainium2")
    assert chip.tpp == pytest.approx(max(667 * 16, 1299 * 8))


def test_performance_density_needs_the_die_area():
    assert find_chip("H20").performance_density == pytest.approx(2.909, abs=5e-4)
    assert find_chip("google.tpu_v7").performance_density is None


def test_h100e_goes_by_the_8_bit_rate():
    assert find_chip("H100").h100e == 1
    assert find_chip("H20").h100e == pytest.approx(296 / 1979)
    # No 8-bit unit at all: the 16-bit rate stands in.
    assert find_chip("hygon.z100").h100e == pytest.approx(24.5 / 989.5)


def test_training_weight_gives_no_credit_for_8_bit():
    chip = find_chip("thead.zhenwu_810e")
    assert chip.training_weight == pytest.approx(118.7 / 989.5)
    only_int8 = dataclasses.replace(chip, dense_tflops={"int8": 500.0})
    assert only_int8.training_weight is None
    assert only_int8.h100e == pytest.approx(500 / 1979)


def test_the_other_measures_of_an_h200():
    chip = find_chip("h200")
    assert chip.decode_weight == pytest.approx(4800 / 3350)
    assert chip.ridge == pytest.approx(989.5e12 / 4800e9)
    assert chip.tflops_per_watt == pytest.approx(989.5 / 700)
    assert chip.usd_per_tflops == pytest.approx(27000 / 989.5)
    assert chip.price_usd.range().quantile(0.9) == 35000


def test_a_chip_without_published_rates_has_no_measures():
    chip = find_chip("kunlunxin.m100")
    assert (chip.tpp, chip.tpp_set_by, chip.h100e, chip.training_weight, chip.ridge) == (None,) * 5
    assert (chip.performance_density, chip.tflops_per_watt, chip.usd_per_tflops) == (None,) * 3


@pytest.mark.parametrize(
    ("name", "chip_id"),
    [
        ("h200", "nvidia.h200_sxm"),
        (" H200 ", "nvidia.h200_sxm"),
        ("nvidia.h200_sxm", "nvidia.h200_sxm"),
        ("H20", "nvidia.h20_96gb"),
        ("mi308x", "amd.mi308x"),
        ("MI308", "amd.mi308x"),
        ("910b", "huawei.ascend_910b"),
        ("950PR", "huawei.ascend_950pr"),
        ("H100", "nvidia.h100_sxm"),
    ],
)
def test_a_chip_is_found_by_id_or_alias_in_any_case(name, chip_id):
    assert find_chip(name).id == chip_id


def test_an_unknown_chip_is_answered_with_the_nearest_names():
    with pytest.raises(UnknownLabel, match=r"Unknown chip 'h-200'. Did you mean 'h200'"):
        find_chip("h-200")


def test_every_chip_is_known_by_the_end_of_the_month_of_its_announcement():
    for chip in load_chips().values():
        assert chip.known_by == parse_date(chip.announced)
    assert find_chip("H200").known_by == date(2023, 11, 30)


def test_every_chip_says_where_its_figures_come_from():
    assert all(chip.sources for chip in load_chips().values())
    assert find_chip("H200").sources[0].source.publisher == "Epoch AI"


def test_an_order_is_frozen_and_can_be_sent_to_another_process():
    declared = {"order.kyc": True}
    order = Order(find_chip("H200"), find_buyer("bytedance"), 1000, "mainland", "commercial", None, declared)
    assert pickle.loads(pickle.dumps(order)) == order
    with pytest.raises(dataclasses.FrozenInstanceError):
        order.units = 2


def test_a_buyer_is_found_by_its_id_and_an_unknown_one_is_answered_with_the_nearest():
    assert find_buyer("ByteDance").state_owned is False
    with pytest.raises(UnknownLabel, match=r"no buyer 'bytedanc'. Did you mean 'bytedance'"):
        find_buyer("bytedanc")


def test_every_fact_behind_a_buyer_is_in_the_book():
    book = load_book()
    assert all(name in book for buyer in load_buyers() for name in buyer.sources)


def test_a_range_of_a_rate_or_an_area_carries_over_to_the_measures():
    chip = find_chip("MI308X")
    assert chip.tpp_span == (414 * 8, 600 * 8)
    assert chip.performance_density_span == (414 * 8 / 2400, 600 * 8 / 1017)
    assert find_chip("H200").tpp_span == (15832, 15832)
    assert find_chip("L600").tpp_span is None
