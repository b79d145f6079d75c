import json
import pickle
from datetime import date, timedelta

import pytest

from dualtrack.errors import DataFault
from dualtrack.facts.book import LAST_DATE, load_book
from dualtrack.months import parse_date

ORIGIN = date(2026, 1, 31)


@pytest.fixture(scope="module")
def book():
    return load_book()


def overlay(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# -- what the shipped book holds


def test_the_book_is_read_once(book):
    assert load_book() is book


def test_every_shared_fact_is_in_the_book(book):
    assert len(book) == 927
    assert book.get("export.rule_2026_01.tpp_max").number == 21000
    assert book.get("import.ratio.official").value is None
    assert book.last_date == LAST_DATE == ORIGIN


def test_every_range_in_the_book_can_be_drawn_from(book):
    for fact_id in book:
        fact = book.get(fact_id)
        if fact.is_range:
            points = fact.range().quantile([0.1, 0.5, 0.9]).tolist()
            assert points == [fact.low, fact.mid, fact.high], fact_id


def test_a_fact_knows_its_place_source_and_number(book):
    fact = book.get("huawei.ascend.units.2025.consensus")
    assert (fact.low, fact.number, fact.high) == (450_000, 780_000, 860_000)
    assert fact.source.id == "background"
    assert fact.file == "data/facts/market_domestic.yaml"
    assert fact.line is not None
    assert (fact.on_start, fact.on_end) == (date(2025, 1, 1), date(2025, 12, 31))


def test_what_is_no_number_is_not_read_as_one(book):
    for fact_id in ("import.h20.guidance", "import.process.no_published_rule", "import.ratio.official"):
        assert not book.get(fact_id).is_numeric
        with pytest.raises(DataFault, match="is no number"):
            _ = book.get(fact_id).number


def test_a_fact_survives_being_sent_to_another_process(book):
    fact = book.get("huawei.ascend.units.2025.consensus")
    assert pickle.loads(pickle.dumps(fact)) == fact


# -- when a fact could be known


def test_an_event_is_known_on_its_own_date(book):
    for fact_id in book:
        if fact_id.startswith(("export.event.", "import.event.")):
            fact = book.get(fact_id)
            assert fact.known_by == fact.on_end == date.fromisoformat(fact.value)


def test_background_and_derived_entries_say_where_their_date_comes_from(book):
    for fact_id in book:
        fact = book.get(fact_id)
        if fact.source.id in ("background", "derived"):
            assert fact.known_by_basis, fact_id


def test_a_result_without_a_date_is_known_sixty_days_after_its_period(book):
    fact = book.get("amazon.capex.2025q4")
    assert fact.known_by == date(2025, 12, 31) + timedelta(days=60)
    with pytest.raises(DataFault, match=r"not known on 2026-01-31"):
        book.get("amazon.capex.2025q4", ORIGIN)
    assert book.get("amazon.capex.2025q3", ORIGIN).number == 35.1


def test_a_published_fact_is_known_from_the_end_of_the_time_of_publication(book):
    for fact_id in book:
        fact = book.get(fact_id)
        if fact.known_by_basis is None:
            assert fact.known_by == parse_date(fact.source.published), fact_id


def test_nothing_is_known_after_the_day_on_which_the_facts_were_compiled(book):
    assert max(book.get(fact_id).known_by for fact_id in book) <= date(2026, 11, 22)


def test_practice_reported_in_february_is_not_known_in_january(book):
    with pytest.raises(DataFault, match="2026-02-07"):
        book.get("export.lead.practice_2025", ORIGIN)
    assert book.get("export.lead.practice_2025", date(2026, 2, 7)).number == 150


def test_a_pooled_entry_is_not_known_before_what_it_rests_on(book):
    for fact_id in book:
        fact = book.get(fact_id)
        for other in fact.rests_on:
            assert book.get(other).known_by <= fact.known_by, fact_id
    assert book.get("huawei.ascend.units.2025.consensus").known_by >= date(2026, 4, 1)


# -- hindsight


def test_the_stock_of_the_last_quarter_was_not_known_at_the_origin(book):
    quarter = [fact_id for fact_id in book if fact_id.startswith("stock.") and fact_id.endswith(".2025q4")]
    assert len(quarter) > 10
    for fact_id in quarter:
        with pytest.raises(DataFault, match="allow_hindsight"):
            book.get(fact_id, ORIGIN)
        assert book.get(fact_id, ORIGIN, allow_hindsight=True).hindsight


def test_the_stock_released_in_january_reached_to_the_third_quarter(book):
    assert book.get("stock.world.total.h100e.2025q3", ORIGIN).known_by == date(2026, 1, 13)
    assert book.get("stock.world.total.h100e.2025q4").known_by == date(2026, 4, 22)


def test_a_smuggled_stock_is_hindsight(book):
    for fact_id in ("smuggling.epoch.cumulative_units.2025q4", "stock.china.smuggled.h100e.2025q4"):
        assert book.get(fact_id).hindsight


def test_hindsight_never_looks_past_the_day_asked_for(book):
    early = date(2025, 7, 15)
    assert book.get("stock.world.total.h100e.2025q2", early, allow_hindsight=True).hindsight
    with pytest.raises(DataFault, match="after that day"):
        book.get("stock.world.total.h100e.2025q4", early, allow_hindsight=True)


def test_no_flow_is_hindsight(book):
    flows = ("nvidia.units.", "huawei.ascend.units.", "tencent.capex.", "nvidia.revenue.", "idc.")
    assert not [f for f in book if f.startswith(flows) and book.get(f).hindsight]
    with pytest.raises(DataFault, match="state the number as an assumption"):
        book.get("nvidia.units.world.h100.2025q4", ORIGIN, allow_hindsight=True)


# -- looking around


def test_an_unknown_id_is_answered_with_its_neighbours(book):
    with pytest.raises(DataFault, match=r"Did you mean 'smuggling\.premium'"):
        book.get("smugling.premium")
    with pytest.raises(DataFault, match="searches the book"):
        book.versions("no.such.thing.at.all")


def test_search_wants_every_word_and_puts_the_id_first(book):
    found = [fact.id for fact in book.search("H200 stock")]
    assert found[0].startswith("nvidia.inventory.h200")
    assert book.search("h200 zeppelin") == []
    assert not [f for f in book.search("smuggled", date(2025, 1, 1)) if f.known_by > date(2025, 1, 1)]


def test_a_search_without_words_finds_every_fact_known_then_in_order_of_id(book):
    assert [fact.id for fact in book.search(" ")] == sorted(book)
    day = date(2024, 1, 1)
    then = {fact_id for fact_id in book if book.get(fact_id).known_by <= day}
    assert {fact.id for fact in book.search("", day)} == then and 0 < len(then) < len(book)


def test_each_date_on_which_something_became_known_brings_more_facts(book):
    counts = [len(book.search("", day)) for day in book.known_dates()]
    assert counts == sorted(set(counts)) and counts[0] > 0 and counts[-1] == len(book)


def test_the_book_as_known_ends_on_its_day_and_says_what_it_knows(book):
    then = book.as_known(date(2025, 12, 1))
    assert (then.last_date, book.as_known(date(2026, 6, 1)).last_date) == (date(2025, 12, 1), book.last_date)
    assert then.knows("export.rule_2023_10.header") and not then.knows("export.rule_2026_01.header")


def test_a_series_is_the_same_quantity_in_like_periods_in_order(book):
    periods = [fact.on for fact in book.series("tencent.capex.2025q3")]
    assert periods == ["2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4"]
    assert [fact.on for fact in book.series("tencent.capex.2025q3", ORIGIN)] == periods[:-1]
    assert [fact.id for fact in book.series("smuggling.premium")] == ["smuggling.premium"]


def test_conflicts_are_what_other_publishers_say_of_the_same_period(book):
    others = {fact.id for fact in book.conflicts("huawei.ascend.units.2025.semianalysis")}
    assert {"huawei.ascend.units.2025.idc", "huawei.ascend.units.2025.bis"} <= others
    assert "huawei.ascend.units.2025.semianalysis" not in others
    assert "huawei.ascend.units.2025.idc" not in {
        fact.id for fact in book.conflicts("huawei.ascend.units.2025.semianalysis", ORIGIN)
    }
    assert book.conflicts("smuggling.premium") == []


# -- overlays

GOOD = """
smuggling.premium:
  what: Price premium on smuggled racks, asked again
  unit: ratio
  low: 1.1
  mid: 1.2
  high: 1.4
  on: 2025-12
  known_by: 2026-01-20
  source: {publisher: A newspaper, title: A second look, address: null, published: 2026-01-20}
  confidence: medium
my.own.number:
  what: A number of mine
  unit: units
  value: 12_000
  on: 2025Q4
  known_by: 2026-01-31
  source: background
  confidence: assumption
"""


def test_an_overlay_adds_a_newer_version_and_keeps_the_old_one(book, tmp_path):
    mine = load_book((overlay(tmp_path, GOOD),))
    assert [fact.number for fact in mine.versions("smuggling.premium")] == [1.5, 1.2]
    assert mine.get("smuggling.premium").number == 1.2
    assert mine.get("smuggling.premium", date(2026, 1, 19)).number == 1.5
    assert mine.get("smuggling.premium").source.publisher == "A newspaper"
    assert mine.get("my.own.number").number == 12_000
    assert len(mine) == len(book) + 1


def test_an_overlay_changes_the_digest_and_a_comment_does_not(book, tmp_path):
    one = load_book((overlay(tmp_path, GOOD),)).digest()
    again = load_book((overlay(tmp_path, "# for us\n" + GOOD),)).digest()
    assert one == again != book.digest()
    assert len(book.digest()) == 64


def test_of_two_versions_known_on_one_day_the_later_read_holds(tmp_path):
    corrected = GOOD.replace("12_000", "13_000")
    mine = load_book((overlay(tmp_path, GOOD), overlay(tmp_path, corrected, "corrected.yaml")))
    assert mine.get("my.own.number").number == 13_000


BAD = """
a.one:
  what: Numbers that fall
  unit: units
  low: 3
  mid: 2
  high: 1
  on: 2025
  known_by: 2026-01-20
  source: background
  confidence: low
a.two:
  what: Unknown words
  unit: unit
  value: 1
  on: some day
  known_by: soon
  source: nowhere
  confidence: certain
  colour: blue
a.three:
  what: Both at once
  unit: units
  value: 1
  low: 1
  mid: 1
  high: 1
  on: 2025
  known_by: 2026-01-20
  source: {publisher: A newspaper}
  confidence: low
a.four: 12
a.five:
  unit: units
  rests_on: [smuggling.premum]
"""


def test_all_faults_of_an_overlay_are_listed_at_once_with_their_lines(tmp_path):
    path = overlay(tmp_path, BAD)
    with pytest.raises(DataFault) as raised:
        load_book((path,))
    said = str(raised.value)
    for line, words in {
        5: "low 3, mid 2, high 1 do not rise",
        14: "unknown unit 'unit'. Did you mean 'units'",
        16: "on: 'some day' is not a day or a period",
        17: "known_by: 'soon' is not a day",
        18: "unknown source 'nowhere'",
        19: "confidence 'certain'",
        20: "unknown key colour",
        25: "give a value, or low, mid and high, not both",
        30: "a source needs a title",
        32: "wanted keys below this id",
        33: "what is missing",
    }.items():
        assert any(f"line {line}," in fault and words in fault for fault in said.splitlines()), (line, words)


def test_a_fact_may_not_rest_on_one_that_is_not_there(tmp_path):
    text = GOOD.replace(
        "  confidence: assumption", "  confidence: assumption\n  rests_on: [smuggling.premum]"
    )
    with pytest.raises(DataFault, match=r"rests on an unknown fact.*Did you mean 'smuggling\.premium'"):
        load_book((overlay(tmp_path, text),))


def test_the_content_of_every_fact_can_be_written_as_json(book):
    for fact_id in book:
        assert json.loads(json.dumps(book.get(fact_id).content()))["id"] == fact_id
