import json
from datetime import date

import pytest

from dualtrack.errors import DataFault
from dualtrack.facts.book import DATA_DIR, load_book
from dualtrack.facts.cite import SERIES_LENGTH, citation, uses


def test_a_citation_says_what_when_and_by_whom():
    said = citation(load_book(), "export.rule_2026_01.tpp_max", uses=["rules/us.yaml: here"])
    assert json.loads(json.dumps(said)) == said
    assert (said["value"], said["unit"], said["known_by"]) == (21000, "tpp", "2026-01-15")
    assert said["source"]["address"].startswith("https://")
    assert said["used_by"] == ["rules/us.yaml: here"]
    assert [version["value"] for version in said["versions"]] == [21000]


def test_a_citation_of_a_range_shows_rivals_and_what_it_rests_on():
    said = citation(load_book(), "huawei.ascend.units.2025.consensus")
    assert (said["low"], said["mid"], said["high"]) == (450_000, 780_000, 860_000)
    assert "huawei.ascend.units.2025.idc" in {other["id"] for other in said["conflicts"]}
    assert "huawei.ascend.units.2025.idc" in said["rests_on"]


@pytest.mark.parametrize("quarter", ["fy2023q1", "fy2024q4", "fy2026q4"])
def test_a_long_series_is_cut_to_the_periods_around_the_fact(quarter):
    fact_id = f"nvidia.revenue.dc.{quarter}"
    said = citation(load_book(), fact_id)
    assert len(said["series"]) == SERIES_LENGTH < len(load_book().series(fact_id))
    assert fact_id in {other["id"] for other in said["series"]}


def test_a_citation_at_a_date_shows_only_what_was_known():
    with pytest.raises(DataFault, match="not known on"):
        citation(load_book(), "export.lead.practice_2025", date(2026, 1, 31))
    said = citation(load_book(), "stock.world.total.h100e.2025q4", date(2026, 1, 31))
    assert said["hindsight"] is True
    assert all(other["known_by"] <= "2026-01-31" for other in said["series"])


def test_uses_name_the_file_and_the_way_to_the_key(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "us.yaml").write_text("limits:\n- {fact: a.b}\n- {fact: a.b.c}\n", encoding="utf-8")
    (tmp_path / "buyers.yaml").write_text("one:\n  rests_on: [x, a.b]\n", encoding="utf-8")
    assert uses("a.b", tmp_path) == ["rules/us.yaml: limits[0].fact", "buyers.yaml: one.rests_on[1]"]
    assert uses("a.b", tmp_path / "nowhere") == []


def test_the_events_use_their_facts():
    found = uses("export.event.2023_10_17", DATA_DIR)
    assert "events.yaml: events.us.2023_10_17.fact" in found
