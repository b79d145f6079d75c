from dualtrack.report.assumptions import Seal, grouped_settings, numbered_sources


def test_firms_are_found_in_names_and_groups_are_not():
    seal = Seal.over(
        {"a": "ByteDance", "n": "Next tier (Baidu, DeepSeek, others)", "u": "Universities and laboratories"},
        {"a": "Firm A", "n": "Next tier", "u": "Research"},
    )
    assert set(seal.words) == {"bytedance", "baidu", "deepseek"}
    assert seal("ByteDance's part; BAIDU's too") == "Firm A's part; Next tier's too"
    assert seal.hides("a plan by deepseek") and not seal.hides("universities") and not seal.hides(None)


def test_one_publication_is_one_source(truce):
    sources = numbered_sources(truce.document, truce.settings, Seal())
    keys = [(source.publisher, source.title, source.address) for source in sources]
    assert len(keys) == len(set(keys))
    assert [source.number for source in sources] == list(range(1, len(sources) + 1))
    assert {fact for source in sources for fact in source.facts} == {
        row["fact"] for row in truce.document["sources"]
    }


def test_every_setting_has_a_group_a_value_and_a_confidence(truce):
    groups = grouped_settings(truce.document, truce.settings, Seal())
    rows = [row for group in groups.values() for row in group]
    assert len(rows) == len(truce.settings)
    assert all(row.value and row.confidence for row in rows)
    changed = {row.key: row.changed_by for row in rows if row.changed_by}
    assert "china.ratio" in changed


def test_a_counted_hazard_does_not_show_its_sentinel(truce):
    groups = grouped_settings(truce.document, truce.settings, Seal())
    values = {row.key: row.value for group in groups.values() for row in group}
    assert values["us.hazard.close"] == "counted from the dated events"
