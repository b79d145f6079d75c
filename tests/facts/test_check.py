import pytest

from dualtrack.facts.book import DATA_DIR, load_book
from dualtrack.facts.check import check_book, check_chips, chip_faults
from dualtrack.facts.reading import read_sources
from dualtrack.yaml_files import load_document


def test_the_shipped_book_and_chips_are_sound():
    assert check_book(load_book()) == []
    assert check_chips() == []


def test_every_source_is_used():
    book = load_book()
    used = {book.get(fact_id).source.id for fact_id in book}
    for chip in load_document(DATA_DIR / "chips.yaml").data.values():
        used |= {part["source"] for part in chip["sources"]}
    assert set(book.sources) == used


@pytest.mark.parametrize("name", ["facts", "sources.yaml", "chips.yaml", "events.yaml"])
def test_no_path_of_a_machine_stands_in_the_data(name):
    path = DATA_DIR / name
    for file in path.glob("*.yaml") if path.is_dir() else [path]:
        text = file.read_text(encoding="utf-8")
        assert not [word for word in ("/home/", "/work/", "/tmp/", "/root/") if word in text]


def test_an_overlay_that_contradicts_itself_is_found(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "my.pool:\n  what: A pool\n  unit: units\n  value: 1\n  on: 2025\n  known_by: 2025-12-31\n"
        "  hindsight: true\n  source: background\n  confidence: low\n"
        "  rests_on: [huawei.ascend.units.2025.idc]\n",
        encoding="utf-8",
    )
    said = [str(fault) for fault in check_book(load_book((path,)))]
    assert len(said) == 3
    assert any("before huawei.ascend.units.2025.idc, on which it rests" in fault for fault in said)
    assert any("marked hindsight" in fault for fault in said)
    assert any("known_by_basis must say" in fault for fault in said)


def test_faults_of_a_chip_are_found_with_their_lines(tmp_path):
    path = tmp_path / "chips.yaml"
    path.write_text(
        "a.one:\n  vendor: A\n  name: One\n  aliases: [One]\n  known_by: 2026-01-31\n  country: US\n"
        "  announced: 2025-12\n  status: shipped\n  market: global\n  tdp_w: -5\n"
        "  dense_tflops: {fp12: 3}\n  price_usd: {low: 3, mid: 2, high: 4, as_of: '2025'}\n"
        "  sources: [{fields: [tpd_w], source: nowhere, confidence: sure}]\n"
        "a.two:\n  vendor: A\n  name: Two\n  aliases: [one]\n  known_by: 2025-12-31\n  country: US\n"
        "  status: shipped\n  market: global\n  sources: []\n",
        encoding="utf-8",
    )
    sources, _ = read_sources(DATA_DIR / "sources.yaml")
    said = "\n".join(str(fault) for fault in chip_faults(load_document(path), sources))
    for words in (
        "line 10, a.one: tdp_w: -5 is not a number above 0",
        "line 11, a.one: unknown precision fp12",
        "line 12, a.one: price_usd: low, mid and high do not rise",
        "line 5, a.one: known_by is the end of the month of announcement",
        "unknown source 'nowhere'",
        "confidence 'sure' is unknown",
        "names an unknown field, 'tpd_w'",
        "line 17, a.two: the name 'one' is taken by a.one",
    ):
        assert words in said
