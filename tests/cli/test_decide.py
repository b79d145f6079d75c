"""`dualtrack decide` as its user meets it: exit status, JSON, pages, and inputs that are wrong."""

from __future__ import annotations

import csv
import io

import pytest
from tests.cli.helpers import dualtrack, expect_refusal

ORDER = ("decide", "--chip", "H200", "--buyer", "bytedance", "--units", "60000")
EVERYTHING = (
    *("exported_from_us=yes", "us_units_disclosed=yes", "us_supply_sufficient=yes"),
    *("no_foundry_diversion=yes", "end_use_permitted=yes", "kyc=yes", "remote_users_disclosed=yes"),
    *("no_weight_transfer=yes", "no_algorithm_access=yes", "third_party_test=yes"),
    *("licence_granted=yes", "need_unmet_at_home=yes", "import_cleared=yes", "domestic_purchase_made=yes"),
)
ALL_DECLARED = tuple(word for name in EVERYTHING for word in ("--declare", name))
LEDGER = "date,buyer,chip,units,stage,destination\n"
BATCH = "order,chip,buyer,units\na,H200,bytedance,100\nb,L20,tencent,5\nc,nvidia.b200,alibaba,7\n"

# The keys that the issue names, and those added to them.
KEYS = {"on", "known_by", "order", "us", "china", "together", "headroom", "levy", "domestic_due", "sources"}
MORE_KEYS = {"law_on", "what_would_change", "notes"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder with an order, a ledger, a batch and an earlier result."""
    (tmp_path / "order.yaml").write_text("chip: H200\nbuyer: bytedance\nunits: 60000\n", encoding="utf-8")
    (tmp_path / "ledger.csv").write_text(
        LEDGER + "2026-01-20,bytedance,H200,1000,shipped,mainland\n", encoding="utf-8"
    )
    (tmp_path / "batch.csv").write_text(BATCH, encoding="utf-8")
    (tmp_path / "decided.csv").write_text("an earlier result\n", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(place, words, *wanted):
    return expect_refusal(place, lambda: dualtrack(*words), *wanted)


def document(*words):
    answer = dualtrack(*words, "--json")
    assert answer.err == ""
    return answer.document


def test_json_has_the_keys_that_the_issue_names():
    found = document(*ORDER)
    assert set(found) == KEYS | MORE_KEYS
    assert set(found["us"]) == set(found["china"]) == {"outcome", "rules", "findings", "missing"}
    assert set(found["together"]) == {"outcome", "needs"}
    assert (found["on"], found["known_by"]) == ("2026-01-31", "2026-01-31")
    assert (found["order"]["chip"], found["order"]["buyer"]) == ("nvidia.h200_sxm", "bytedance")


def test_a_finding_says_rule_text_seen_asked_margin_citation_and_confidence():
    found = document(*ORDER)
    by_text = {finding["text"]: finding for finding in found["us"]["findings"]}
    ceiling = next(finding for text, finding in by_text.items() if "tpp_ceiling" in text)
    assert (ceiling["seen"], ceiling["asked"], ceiling["margin"]) == (15832, 21000, 5168)
    assert ceiling["holds"] is True
    assert ceiling["rule"] == "us.review.case_by_case"
    assert ceiling["citation"].startswith("91 FR 1684")
    assert ceiling["confidence"] == "high"
    assert "export.rule_2026_01.tpp_max" in ceiling["facts"]
    kyc = next(finding for finding in found["us"]["findings"] if finding["fields"] == ["order.kyc"])
    assert (kyc["holds"], kyc["seen"]) == (None, None)


def test_every_fact_behind_the_answer_is_among_the_sources():
    found = document(*ORDER)
    named = {source["fact"] for source in found["sources"]}
    for part in (*found["us"]["findings"], *found["china"]["findings"], *found["headroom"].values()):
        assert set(part["facts"]) <= named
    assert {"export.s232.rate", "import.ratio.model_prior"} <= named
    assert "export.rule_2026_01.volume_cap_units_est" in named


@pytest.mark.parametrize(
    ("words", "outcome", "code"),
    [
        ((*ORDER, *ALL_DECLARED), "may_ship", 0),
        (ORDER, "needs", 0),
        ((*ORDER, "--declare", "kyc=no"), "may_not_ship", 1),
        ((*ORDER, "--on", "2024-06-01"), "may_not_ship", 1),
        ((*ORDER, "--on", "2023-06-01"), "may_not_ship", 1),
    ],
    ids=["may ship", "needs", "refused", "denied", "denied by the first rule"],
)
def test_the_exit_status_says_whether_it_may_go_on(words, outcome, code):
    answer = dualtrack(*words, "--json")
    assert (answer.document["together"]["outcome"], answer.code) == (outcome, code)
    page = dualtrack(*words)
    assert page.code == code
    title = {"may_ship": "May ship", "needs": "Needs more", "may_not_ship": "May not ship"}[outcome]
    assert page.out.startswith(title)


def test_declarations_in_either_order_and_by_alias_are_the_same():
    one = document(*ORDER, "--declare", "kyc=yes", "--declare", "third_party_test=no")
    other = document(*ORDER, "--declare", "Lab-Test=n", "--declare", "know_your_customer=Y")
    assert one["us"] == other["us"]
    assert one["together"] == other["together"]


def test_a_date_after_the_last_known_answers_with_the_last_law_and_says_so():
    later, known = document(*ORDER, "--on", "2026-09-01"), document(*ORDER)
    assert (later["on"], later["law_on"], later["known_by"]) == ("2026-09-01", "2026-01-31", "2026-01-31")
    assert later["us"] == known["us"]
    assert "2026-09-01 lies after the last law that is known" in later["notes"][0]
    page = " ".join(dualtrack(*ORDER, "--on", "2026-09-01").out.split())
    assert "so the answer is that of 2026-01-31" in page


def test_the_page_says_everything_in_words():
    page = " ".join(dualtrack(*ORDER, columns=80).out.split())
    for words in (
        "Needs more before it may ship",
        "60,000 × H200 SXM 141GB for ByteDance, to the mainland",
        "missing: export from the United States",
        "United States: case by case",
        "China: conditional",
        "declare kyc",
        "405,000,000 USD, if the chips are exported from the United States: 25% of a customs value of 1,620,000,000 USD",
        "Domestic chips to be bought",
        "Sources",
    ):
        assert words in page, words
    assert "chip." not in page.replace("chip. ", ""), "a field of the rules is shown by its inner name"


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(columns):
    for more in ((), ("--on", "2025-09-01"), ("--declare", "kyc=no")):
        lines = dualtrack(*ORDER, *more, columns=columns).out.splitlines()
        assert max(map(len, lines)) <= columns


def test_markdown_has_a_heading_and_tables_of_even_width():
    text = dualtrack(*ORDER, "--markdown").out
    assert text.startswith("# Needs more before it may ship\n")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 20
    blocks = text.split("\n\n")
    for block in blocks:
        widths = {line.replace("\\|", "").count("|") for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block


def test_an_order_in_a_file_is_that_of_the_options(place):
    assert document("decide", "order.yaml") == document(*ORDER)
    assert document("decide", "order.yaml", "--units", "5")["order"]["units"] == 5


def test_an_own_chip_and_buyer(place):
    (place / "own.yaml").write_text(
        "chip: {name: My chip, dense_tflops: {fp8: 100}, memory_bandwidth_gbps: 500, die_area_mm2: 800,"
        " interconnect_gbps: 64}\n"
        "buyer: {name: My firm, headquarters: SG, listed: no, military_links: no, listed_owner_share: 0}\n"
        "units: 3\ndestination: offshore\nprice_usd: 10\n",
        encoding="utf-8",
    )
    found = document("decide", "own.yaml")
    assert found["order"]["chip_name"] == "My chip"
    assert found["order"]["buyer_name"] == "My firm"
    assert found["us"]["outcome"] == "not_controlled"
    assert found["together"] == {"outcome": "may_ship", "needs": []}
    assert found["levy"]["due_usd"] == 0


def test_the_ledger_lowers_the_headroom(place):
    before, after = document(*ORDER), document(*ORDER, "--ledger", "ledger.csv")
    left = "us.share_limit"
    assert before["headroom"][left]["units"] - after["headroom"][left]["units"] == 1000
    assert after["headroom"]["china.batch_quota"]["units"] == 400_000


def test_a_ledger_named_in_the_order_is_beside_it(place, monkeypatch):
    (place / "order.yaml").write_text(
        "chip: H200\nbuyer: bytedance\nunits: 60000\nledger: ledger.csv\n", encoding="utf-8"
    )
    monkeypatch.chdir(place / "folder")
    assert document("decide", "../order.yaml")["headroom"]["us.share_limit"]["units"] == 999_000


def test_a_batch_on_standard_output(place):
    answer = dualtrack("decide", "--batch", "batch.csv")
    assert answer.code == 0
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [row["order"] for row in rows] == ["a", "b", "c"]
    assert [row["together"] for row in rows] == ["needs", "may_ship", "may_not_ship"]
    assert rows[0]["levy_usd"] == "675000.0"
    assert "3 orders under the law of 2026-01-31" in answer.err


def test_a_batch_in_a_file(place):
    answer = dualtrack("decide", "--batch", "batch.csv", "--out", "new.csv", "--on", "2027-01-01")
    assert (answer.code, answer.err) == (0, "")
    assert "Written: new.csv" in answer.out
    assert "2027-01-01 lies after the last law that is known" in " ".join(answer.out.split())
    with (place / "new.csv").open(encoding="utf-8", newline="") as file:
        assert [row["us"] for row in csv.DictReader(file)] == [
            "case_by_case",
            "not_controlled",
            "presumption_of_denial",
        ]


def test_a_batch_as_json_counts_its_rows(place):
    found = document("decide", "--batch", "batch.csv", "--on", "2023-06-01")
    assert found["law_on"] == "2023-06-01"
    assert found["rows"] == 3
    assert found["counts"] == {"may_ship": 1, "needs": 0, "may_not_ship": 2}


def test_a_batch_takes_declarations_for_all(place):
    (place / "one.csv").write_text("chip,buyer,units\nH200,bytedance,1\n", encoding="utf-8")
    said = dualtrack("decide", "--batch", "one.csv", *ALL_DECLARED)
    assert "may_ship" in said.out
    against = dualtrack("decide", "--batch", "one.csv", "--declare", "kyc=no")
    assert "presumption_of_denial" in against.out


def test_help_has_an_example():
    answer = dualtrack("decide", "--help")
    assert answer.code == 0
    assert "dualtrack decide --chip H200 --buyer bytedance --units 60000" in " ".join(answer.out.split())


ONE_FAULT = {
    "no order": (("decide",), ["There is no order", "dualtrack decide order.yaml"]),
    "chip": (("decide", "--chip", "H2000", "--buyer", "state", "--units", "1"), ["'H2000'", "'h200'"]),
    "buyer": (
        ("decide", "--chip", "H20", "--buyer", "bitedance", "--units", "1"),
        ["'bytedance'", "research"],
    ),
    "units missing": (("decide", "--chip", "H20", "--buyer", "state"), ["--units: is missing"]),
    "date without law": ((*ORDER, "--on", "2021-12-31"), ["2021-12-31", "2022-01-01"]),
    "date that is none": ((*ORDER, "--on", "2026-02-30"), ["--on", "2026-02-30"]),
    "declaration": ((*ORDER, "--declare", "kycs=yes"), ["'kycs'", "Did you mean 'kyc'?"]),
    "declaration without answer": ((*ORDER, "--declare", "kyc"), ["wanted kyc=yes or kyc=no"]),
    "answer": ((*ORDER, "--declare", "kyc=perhaps"), ["wanted kyc=yes or kyc=no"]),
    "destination": ((*ORDER, "--destination", "hongkong"), ["--destination", "hong_kong"]),
    "end use": ((*ORDER, "--end-use", "play"), ["--end-use", "commercial"]),
    "price": ((*ORDER, "--price", "-1"), ["--price", "a number from 0"]),
    "us units": ((*ORDER, "--us-units", "lots"), ["--us-units", "a number from 0"]),
    "ratio": ((*ORDER, "--ratio", "-1"), ["--ratio", "a number from 0"]),
    "domestic chip": (
        ("decide", "--chip", "huawei.ascend_910c", "--buyer", "state", "--units", "1"),
        ["made in China", "dualtrack classify huawei.ascend_910c"],
    ),
    "order missing": (("decide", "nowhere.yaml"), ["nowhere.yaml", "Check the path"]),
    "order is a folder": (("decide", "folder"), ["folder", "Check the path"]),
    "ledger missing": ((*ORDER, "--ledger", "nowhere.csv"), ["nowhere.csv", "Check the path"]),
    "ledger is a folder": ((*ORDER, "--ledger", "folder"), ["folder", "CSV or XLSX"]),
    "out without batch": ((*ORDER, "--out", "new.csv"), ["--out goes with --batch"]),
    "batch missing": (("decide", "--batch", "nowhere.csv", "--out", "decided.csv"), ["nowhere.csv"]),
    "batch with chip": (
        ("decide", "--batch", "batch.csv", "--chip", "H200"),
        ["--chip does not go with --batch"],
    ),
    "batch with price": (
        ("decide", "--batch", "batch.csv", "--price", "1"),
        ["--price does not go with --batch"],
    ),
    "batch with ledger": (
        ("decide", "--batch", "batch.csv", "--ledger", "ledger.csv"),
        ["--ledger does not go with --batch"],
    ),
    "batch with order": (("decide", "order.yaml", "--batch", "batch.csv"), ["does not go with --batch"]),
    "batch with markdown": (("decide", "--batch", "batch.csv", "--markdown"), ["--markdown"]),
    "json with markdown": ((*ORDER, "--json", "--markdown"), ["--markdown"]),
    "batch without law": (("decide", "--batch", "batch.csv", "--on", "2021-12-31"), ["2022-01-01"]),
    "out in no folder": (
        ("decide", "--batch", "batch.csv", "--out", "nowhere/new.csv"),
        ["nowhere/new.csv"],
    ),
    "out is a folder": (("decide", "--batch", "batch.csv", "--out", "folder"), ["folder"]),
    "out over the batch": (("decide", "--batch", "batch.csv", "--out", "batch.csv"), ["batch.csv"]),
}


@pytest.mark.parametrize(("words", "wanted"), ONE_FAULT.values(), ids=ONE_FAULT)
def test_one_fault(place, words, wanted):
    refused(place, words, *wanted)


@pytest.mark.parametrize(
    "units", ["-1", "0", "1.5", "many", "", "60,000", "nan", "inf", "1000000000000", "1e400", "9" * 400]
)
def test_units_that_are_not_whole(place, units):
    refused(place, (*ORDER[:-1], units), "--units", "does not fit. Wanted: a whole number of units from 1.")


BAD_ORDERS = {
    "wrong keys": (
        "chip: H200\nbuyer: state\nunitz: 1\n",
        ["line 3, unitz", "Did you mean 'units'", "units: is missing"],
    ),
    "wrong types": (
        "chip: [1, 2]\nbuyer: 5\nunits: yes\ndeclare: [kyc]\nprice_usd: {}\n",
        ["line 1, chip", "line 2, buyer", "line 3, units", "line 4, declare", "line 5, price_usd"],
    ),
    "a list": ("- chip: H200\n", ["wanted an order"]),
    "nothing": ("", ["wanted an order"]),
    "no YAML": ("chip: H200\n buyer: : x\n", ["line 2", "not YAML"]),
    "a key twice": ("chip: H200\nchip: H20\n", ["line 2", "chip stands twice"]),
    "a day that is none": ("chip: H200\nbuyer: state\nunits: 1\non: 2026-13-01\n", ["line 4", "2026-13-01"]),
    "own chip": (
        "chip:\n  dense_tflops: {fp8: -1}\n  bandwidth: 3\nbuyer: state\nunits: 1\n",
        ["line 2, chip.dense_tflops.fp8", "line 3, chip.bandwidth", "memory_bandwidth_gbps"],
    ),
    "own chip of an unknown rate": (
        "chip:\n  dense_tflops: {fp9: 1}\nbuyer: state\nunits: 1\n",
        ["chip.dense_tflops", "'fp9'", "'fp8'"],
    ),
    "own buyer": (
        "chip: H200\nbuyer:\n  name: A\n  headquarters: China\n  listed: perhaps\nunits: 1\n",
        ["line 4, buyer.headquarters", "line 5, buyer.listed"],
    ),
    "ledger that is none": (
        "chip: H200\nbuyer: state\nunits: 1\nledger: nowhere.csv\n",
        ["nowhere.csv", "Check the path"],
    ),
}


@pytest.mark.parametrize(("text", "wanted"), BAD_ORDERS.values(), ids=BAD_ORDERS)
def test_a_wrong_order_file(place, text, wanted):
    (place / "order.yaml").write_text(text, encoding="utf-8")
    refused(place, ("decide", "order.yaml"), *wanted)


BAD_LEDGERS = {
    "empty file": ("", ["empty"]),
    "column missing": ("date,buyer,chip,units,stage\n", ["destination", "row 1"]),
    "column unknown": (LEDGER.replace("stage", "state"), ["state", "stage"]),
    "cells": (
        LEDGER + "2026-01-40,bitedance,H2000,-1,sold,moon\n,bytedance,H200,1.5,shipped,mainland\n",
        [
            *("(8 faults)", "row 2, date", "row 2, buyer", "row 2, chip", "row 2, units"),
            *("row 2, stage", "row 2, destination", "row 3, date", "row 3, units", "'bytedance'", "'h200'"),
        ],
    ),
}


@pytest.mark.parametrize(("text", "wanted"), BAD_LEDGERS.values(), ids=BAD_LEDGERS)
def test_a_wrong_ledger(place, text, wanted):
    (place / "ledger.csv").write_text(text, encoding="utf-8")
    refused(place, (*ORDER, "--ledger", "ledger.csv"), *wanted)


BAD_BATCHES = {
    "empty file": ("", ["empty"]),
    "no rows": ("chip,buyer,units\n", ["no rows"]),
    "columns": ("chip,buyers,units\nH200,state,1\n", ["buyers", "buyer", "row 1"]),
    "cells": (
        "order,chip,buyer,units,destination,price_usd,kyc\n"
        "a,H2000,bitedance,-1,moon,-5,maybe\nb,huawei.ascend_910c,tencent,1.5,,,\n",
        [
            *("(8 faults)", "row 2, chip", "row 2, buyer", "row 2, units", "row 2, destination"),
            *("row 2, price_usd", "row 2, kyc", "row 3, units", "row 3, chip: is made in China"),
        ],
    ),
    "too many units": ("chip,buyer,units\nH200,state,1e30\n", ["row 2, units"]),
}


@pytest.mark.parametrize(("text", "wanted"), BAD_BATCHES.values(), ids=BAD_BATCHES)
@pytest.mark.parametrize("out", ["decided.csv", "new.csv"])
def test_a_wrong_batch_leaves_the_output_alone(place, text, wanted, out):
    (place / "batch.csv").write_text(text, encoding="utf-8")
    refused(place, ("decide", "--batch", "batch.csv", "--out", out), *wanted)
