import pytest

from dualtrack.facts.periods import stem, subject


@pytest.mark.parametrize(
    ("fact_id", "expected"),
    [
        ("tencent.capex.2025q4", "tencent.capex.<quarter>"),
        ("tencent.capex.2025", "tencent.capex.<year>"),
        ("nvidia.revenue.dc.fy2026q1", "nvidia.revenue.dc.<fiscal quarter>"),
        ("nvidia.revenue.china_hq.fy2025", "nvidia.revenue.china_hq.<fiscal year>"),
        ("smic.yield.910c_2024_11", "smic.yield.910c_<point>"),
        ("stock.china.official_eflops.2025-06", "stock.china.official_eflops.<point>"),
        ("sector.capacity.eflops.2025-06-30", "sector.capacity.eflops.<point>"),
        ("export.event.2023_10_17", "export.event.<point>"),
        ("idc.china.accelerators.2025_nvidia", "idc.china.accelerators.<year>_nvidia"),
        ("hygon.revenue.2025_9m", "hygon.revenue.<nine>"),
        ("smuggling.premium", None),
        ("huawei.price.910b", None),
    ],
)
def test_a_subject_is_the_id_without_its_period(fact_id, expected):
    assert subject(fact_id) == expected


def test_a_stem_ends_with_the_last_period():
    assert stem("huawei.ascend.units.2025.ft_plan_910c") == "huawei.ascend.units.2025"
    assert stem("sector.share_prior.2025.internet") == "sector.share_prior.2025"
    assert stem("smuggling.premium") is None
