import copy

from dualtrack.report.headline import headline, marks, mean_share_of_months


def cells(document, name):
    return next(row for row in headline(document) if row.name == name).cells


def test_marks_are_those_within_the_run_or_its_last_month(truce):
    assert marks(truce.document) == [(3, "2026-04"), (6, "2026-07"), (12, "2027-01")]
    short = copy.deepcopy(truce.document)
    found = short["probabilities"]["any_delivery_by"]
    short["probabilities"]["any_delivery_by"] = {month: found[month] for month in list(found)[:2]}
    assert marks(short) == [(2, "2026-03")]


def test_a_stock_is_of_the_month_and_a_flow_of_the_quarter_that_holds_it(truce):
    assert [cell.period for cell in cells(truce.document, "h200_delivered_cum")] == [
        "2026-04",
        "2026-07",
        "2027-01",
    ]
    assert [cell.period for cell in cells(truce.document, "nvidia_china_ai_revenue")] == [
        "FY2027Q1",
        "FY2027Q2",
        "FY2027Q4",
    ]
    assert [cell.period for cell in cells(truce.document, "domestic_packages")] == [
        "2026Q2",
        "2026Q3",
        "2027Q1",
    ]


def test_a_part_of_a_quarter_gives_way_to_the_whole_one_before_it(truce):
    document = copy.deepcopy(truce.document)
    by_quarter = document["outcomes"]["domestic_packages"]["by_quarter"]
    by_quarter["2027Q1"] |= {"partial": True, "months": 1}
    last = cells(document, "domestic_packages")[-1]
    assert (last.period, last.found) == ("2026Q4", by_quarter["2026Q4"])
    assert last.note == "2026Q4; the run holds 1 of the 3 months of 2027Q1"


def test_a_part_of_a_quarter_with_no_whole_one_before_it_is_said_to_be_one(truce):
    document = copy.deepcopy(truce.document)
    for found in document["outcomes"]["domestic_packages"]["by_quarter"].values():
        found |= {"partial": True, "months": 2}
    first = cells(document, "domestic_packages")[0]
    assert (first.period, first.note) == ("2026Q2", "the run holds 2 of the 3 months of 2026Q2")


def test_shares_of_all_months_add_up_to_one(truce):
    shares = mean_share_of_months(truce.document, "binding_limit")
    assert abs(sum(shares.values()) - 1.0) < 1e-9
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
