"""`dualtrack allocate` as a user calls it: its answers, its files, and what it refuses."""

import csv
import io
import json

import pytest
from tests.cli.helpers import contents, dualtrack, expect_refusal

from dualtrack.allocate.asking import EXAMPLES

EXAMPLE = ("allocate", EXAMPLES / "orders.csv", "--stock", EXAMPLES / "stock.csv")
WITH_LIMITS = (*EXAMPLE, "--limits", EXAMPLES / "limits.yaml")
ORDERS = "order,buyer,chip,units,price,promised\na,bytedance,H200,60,27000,0\nb,tencent,H200,60,26000,0\n"
STOCK = "chip,month,units\nH200,2026-02,90\n"
POLICIES = ["value", "compute", "max-min", "pro-rata", "priority"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder with a small book, its stock, and an earlier result."""
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "stock.csv").write_text(STOCK, encoding="utf-8")
    for name in ("out.csv", "out.xlsx", "out.json", "out.svg"):
        (tmp_path / name).write_text("an earlier result", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words, columns=100):
    return dualtrack("allocate", "orders.csv", "--stock", "stock.csv", *words, columns=columns)


def refused(place, words, *wanted):
    outputs = ("--out", "out.csv", "--plot", "out.svg", "--json")
    return expect_refusal(place, lambda: dualtrack("allocate", *words, *outputs), *wanted)


GIVEN = ("orders.csv", "--stock", "stock.csv")


def test_the_document_has_what_was_promised(place):
    answer = call("--json")
    assert answer.code == 0, answer.err
    document = answer.document
    assert document["on"] == document["law_on"] == document["known_by"] == "2026-01-31"
    assert document["allocation"] == [
        {"order": "a", "buyer": "bytedance", "chip": "nvidia.h200_sxm", "month": "2026-02", "units": 60},
        {"order": "b", "buyer": "tencent", "chip": "nvidia.h200_sxm", "month": "2026-02", "units": 30},
    ]
    assert document["served"] == {"bytedance": 1, "tencent": 0.5}
    assert document["objective"] == {
        "name": document["objective"]["name"],
        "value": 60 * 27000 + 30 * 26000,
        "unit": "USD",
    }
    assert list(document["policies"]) == POLICIES
    assert document["shadow_prices"]["stock"]["price"] == 26000
    assert set(document["domestic_due"]) == {"bytedance", "tencent"}
    assert "china.domestic_ratio" in document["not_published"]
    assert document["whole_units"] is True
    assert any(row["fact"] == "import.h200.first_batch" for row in document["sources"])


def test_each_policy_is_what_it_is_beside_the_others(place):
    by_value = call("--json").document
    for policy in POLICIES:
        document = call("--policy", policy, "--json").document
        assert document["policy"] == policy
        assert document["policies"] == {
            name: {**found, "objective": document["policies"][name]["objective"]}
            for name, found in by_value["policies"].items()
        }
        assert document["served"] == document["policies"][policy]["served"]


def test_a_cap_of_the_users_has_a_price(place):
    (place / "limits.yaml").write_text("set: {us.buyer_cap.units: 40}\n", encoding="utf-8")
    document = call("--limits", "limits.yaml", "--json").document
    assert [row["units"] for row in document["allocation"]] == [40, 40]
    prices = {spot["buyer"]: spot["price"] for spot in document["shadow_prices"]["us.buyer_cap"]["places"]}
    assert prices == {"bytedance": 27000, "tencent": 26000}
    assert {one["name"] for found in document["binding"].values() for one in found} == {"us.buyer_cap"}
    assert {"key": "set.us.buyer_cap.units", "value": 40, "by": "limits file"}.items() <= document["given"][
        0
    ].items()


def test_lots_are_whole_and_said_to_be(place):
    document = call("--lot", "8", "--json").document
    assert document["lot"] == 8
    assert document["prices_of_relaxation"] is True
    assert sum(row["units"] for row in document["allocation"]) <= 90
    assert "lots of 8" in call("--lot", "8").out


def test_the_tables_hold_what_the_document_says(place):
    answer = call("--json", "--out", "out.csv")
    assert answer.code == 0, answer.err
    rows = list(csv.DictReader(io.StringIO((place / "out.csv").read_text(encoding="utf-8"))))
    assert [{**row, "units": int(row["units"])} for row in rows] == answer.document["allocation"]
    assert call("--out", "out.json").code == 0
    written = json.loads((place / "out.json").read_text(encoding="utf-8"))
    assert {**written, "seconds": 0} == {**answer.document, "seconds": 0}


def test_the_workbook_holds_every_table(place):
    openpyxl = pytest.importorskip("openpyxl")
    assert call("--out", "out.xlsx").code == 0
    book = openpyxl.load_workbook(place / "out.xlsx")
    assert book.sheetnames == [
        *("allocation", "buyers", "binding", "prices", "policies", "barred", "given", "about", "sources")
    ]
    rows = [[cell.value for cell in row] for row in book["allocation"].iter_rows()]
    assert rows == [
        ["order", "buyer", "chip", "month", "units"],
        ["a", "bytedance", "nvidia.h200_sxm", "2026-02", 60],
        ["b", "tencent", "nvidia.h200_sxm", "2026-02", 30],
    ]


def test_a_workbook_serves_as_input(place):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for name, text in (("orders", ORDERS), ("stock", STOCK)):
        sheet = book.create_sheet(name)
        for row in csv.reader(io.StringIO(text)):
            sheet.append([float(cell) if cell.isdigit() else cell for cell in row])
    book.remove(book["Sheet"])
    book.save(place / "both.xlsx")
    answer = dualtrack("allocate", "both.xlsx", "--stock", "both.xlsx", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["allocation"] == call("--json").document["allocation"]


def test_the_chart_is_drawn(place):
    answer = call("--plot", "out.svg")
    assert answer.code == 0, answer.err
    drawn = (place / "out.svg").read_text(encoding="utf-8")
    for words in ("ByteDance", "60 of 60 (100 %)", "30 of 60 (50 %)", "90 in stock", "by policy value"):
        assert words in drawn, words
    assert call("--plot", "drawn.png").code == 0
    assert (place / "drawn.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_fits_a_narrow_terminal(place):
    answer = dualtrack(*WITH_LIMITS, columns=80)
    assert answer.code == 0, answer.err
    assert max(map(len, answer.out.splitlines())) <= 80
    for words in (
        "What binds whom",
        "What one more unit is worth",
        "Domestic chips",
        "every policy",
        "Sources",
    ):
        assert words in answer.out, words


def test_promises_that_clash_are_named_and_nothing_is_written(place):
    clash = ORDERS.replace("27000,0", "27000,60").replace("26000,0", "26000,40")
    (place / "orders.csv").write_text(clash, encoding="utf-8")
    before = contents(place)
    answer = call("--out", "out.csv", "--plot", "out.svg")
    assert answer.code == 1, answer.err
    for words in ("cannot all be delivered", "60", "40", "90", "stock"):
        assert words in answer.out, answer.out
    assert contents(place) == before
    document = call("--json").document
    assert document["feasible"] is False
    assert {clash["kind"] for clash in document["conflict"]} == {"promise", "stock"}
    assert {clash["name"] for clash in document["conflict"] if clash["kind"] == "promise"} == {"a", "b"}


def test_a_promise_to_a_barred_order_clashes_with_the_rule(place):
    barred = ORDERS.replace("bytedance", "state").replace("27000,0", "27000,10")
    (place / "orders.csv").write_text(barred, encoding="utf-8")
    answer = call()
    assert answer.code == 1, answer.err
    assert "china.barred_class" in answer.out


BAD_TABLES = {
    "malformed": ("orders.csv", ORDERS + "c,tencent\n", ["orders.csv", "row 4", "2 cells where the header has 6"]),
    "an open quote": ("orders.csv", ORDERS + '"c,tencent\n', ["row 4", "quotation mark"]),
    "negative units": ("orders.csv", ORDERS.replace("60,27000", "-60,27000"), ["row 2, units", "'-60'"]),
    "fractional units": ("orders.csv", ORDERS.replace("60,26000", "6.5,26000"), ["row 3, units", "'6.5'"]),
    "thousands": ("orders.csv", ORDERS.replace("60,27000", '"6,000",27000'), ["row 2, units", "Write 6000"]),
    "an unknown chip": ("orders.csv", ORDERS.replace("H200,60,27", "H20O,60,27"), ["row 2, chip", "Did you mean"]),
    "an unknown buyer": ("orders.csv", ORDERS.replace("tencent", "tencnet"), ["row 3, buyer", "Did you mean 'tencent'"]),
    "a duplicate id": ("orders.csv", ORDERS.replace("b,", "a,", 1), ["row 3, order", "stands in row 2"]),
    "an empty book": ("orders.csv", ORDERS.splitlines()[0], ["orders.csv", "no rows"]),
    "an empty file": ("orders.csv", "", ["orders.csv is empty"]),
    "no header": ("orders.csv", "a,bytedance,H200,60\n", ["row 1", "not the header"]),
    "stock that nobody ordered": ("stock.csv", STOCK + "H20,2026-02,5\n", ["stock.csv", "row 3, chip", "nobody ordered"]),
    "stock before the day": ("stock.csv", STOCK.replace("2026", "2025"), ["row 2, month", "--on"]),
    "stock without law": ("stock.csv", STOCK.replace("2026", "2020"), ["row 2, month", "before the day"]),
    "fractional stock": ("stock.csv", STOCK.replace("90", "0.9"), ["stock.csv", "row 2, units"]),
}  # fmt: skip


@pytest.mark.parametrize("name,text,wanted", BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_bad_table_is_refused_with_row_and_column(place, name, text, wanted):
    (place / name).write_text(text, encoding="utf-8")
    refused(place, GIVEN, *wanted)


def test_all_faults_of_both_tables_are_told_at_once(place):
    (place / "orders.csv").write_text(
        ORDERS.replace("60", "x").replace("tencent", "nobody"), encoding="utf-8"
    )
    (place / "stock.csv").write_text(STOCK.replace("90", "-9"), encoding="utf-8")
    message = refused(place, GIVEN, "row 2, units", "row 3, buyer", "stock.csv, row 2, units")
    assert message.count("Error:") == 1


BAD_CALLS = {
    "no orders": (("nowhere.csv", "--stock", "stock.csv"), ["nowhere.csv", "Check the path"]),
    "no stock": (("orders.csv", "--stock", "nowhere.csv"), ["nowhere.csv", "Check the path"]),
    "a folder": ((".", "--stock", "stock.csv"), ["is a folder"]),
    "no limits": ((*GIVEN, "--limits", "nowhere.yaml"), ["nowhere.yaml", "cannot be read"]),
    "a policy": ((*GIVEN, "--policy", "maxmin"), ["maxmin", "Did you mean 'max-min'"]),
    "a level": ((*GIVEN, "--level", "unit"), ["unit", "Did you mean 'units'"]),
    "no lot": ((*GIVEN, "--lot", "0"), ["--lot", "'0'", "whole number from 1"]),
    "half a lot": ((*GIVEN, "--lot", "1.5"), ["--lot", "'1.5'"]),
    "no time": ((*GIVEN, "--seconds", "0"), ["--seconds", "'0'"]),
    "time without end": ((*GIVEN, "--seconds", "nan"), ["--seconds", "'nan'"]),
    "no day": ((*GIVEN, "--on", "soon"), ["'soon'", "not a date"]),
    "a day without law": ((*GIVEN, "--on", "2021-06-01"), ["2021-06-01", "2022-01-01"]),
    "a day after the stock": ((*GIVEN, "--on", "2026-05-01"), ["row 2, month", "2026-05-01"]),
}


@pytest.mark.parametrize("words,wanted", BAD_CALLS.values(), ids=BAD_CALLS)
def test_a_bad_call_is_refused(place, words, wanted):
    refused(place, words, *wanted)


@pytest.mark.parametrize(
    "words,wanted",
    [
        (("--out", "out.pdf"), ["--out out.pdf", ".csv, .xlsx, .json"]),
        (("--plot", "out.csv"), ["--plot out.csv", ".svg, .png"]),
        (("--out", "nowhere/out.csv"), ["there is no folder nowhere"]),
        (("--out", "folder.csv"), ["folder.csv is a folder"]),
        (("--out", "orders.csv"), ["orders.csv is one of the files read"]),
        (("--out", "./stock.csv"), ["is one of the files read"]),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_any_work(place, words, wanted):
    (place / "folder.csv").mkdir()
    expect_refusal(place, lambda: call(*words), *wanted)


def test_a_bad_limits_file_is_refused_with_its_line(place):
    (place / "limits.yaml").write_text(
        "set:\n  us.buyer_cap.unit: 5\ngates: {china: ajar}\n", encoding="utf-8"
    )
    refused(
        place,
        (*GIVEN, "--limits", "limits.yaml"),
        "limits.yaml, line 2, set.us.buyer_cap.unit",
        "limits.yaml, line 3, gates.china",
        "(2 faults)",
    )
