import csv
import io
import sys
import zipfile
from xml.etree import ElementTree

import pytest

from dualtrack.errors import DualtrackError
from dualtrack.report.export import QUARTERLY, quarterly_rows, write_csv, write_xlsx

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read_book(path):
    """Sheets by name: rows of cells, text or number."""
    with zipfile.ZipFile(path) as packed:
        strings = [
            "".join(node.itertext())
            for node in ElementTree.parse(io.BytesIO(packed.read("xl/sharedStrings.xml"))).getroot()
        ]
        names = [
            sheet.get("name")
            for sheet in ElementTree.parse(io.BytesIO(packed.read("xl/workbook.xml")))
            .getroot()
            .iterfind("m:sheets/m:sheet", SPACE)
        ]
        book = {}
        for number, name in enumerate(names, 1):
            root = ElementTree.parse(io.BytesIO(packed.read(f"xl/worksheets/sheet{number}.xml"))).getroot()
            assert root.find("m:sheetViews/m:sheetView/m:pane", SPACE).get("state") == "frozen"
            rows = []
            for row in root.iterfind("m:sheetData/m:row", SPACE):
                cells = {}
                for cell in row.iterfind("m:c", SPACE):
                    value = cell.find("m:v", SPACE)
                    if value is not None:
                        column = "".join(filter(str.isalpha, cell.get("r")))
                        cells[column] = (
                            strings[int(value.text)] if cell.get("t") == "s" else float(value.text)
                        )
                rows.append(cells)
            book[name] = rows
    return book


def test_rows_are_tidy_and_whole(truce):
    rows = quarterly_rows(truce.document)
    assert {row["outcome"] for row in rows} == set(truce.document["outcomes"])
    assert all(tuple(row) == QUARTERLY for row in rows)
    revenue = [row for row in rows if row["outcome"] == "nvidia_china_ai_revenue"]
    assert [row["quarter"] for row in revenue][:2] == ["FY2027Q1", "FY2027Q2"]
    assert {row["partial"] for row in rows if row["quarter"] == "2026Q1"} == {True}


def test_csv_comes_back_as_it_went(truce, undefined, tmp_path):
    for part in (truce, undefined):
        rows = quarterly_rows(part.document)
        write_csv(tmp_path / "quarterly.csv", rows)
        with (tmp_path / "quarterly.csv").open(encoding="utf-8", newline="") as file:
            back = list(csv.DictReader(file))
        assert len(back) == len(rows)
        for row, read in zip(rows, back, strict=True):
            assert read["outcome"] == row["outcome"] and read["partial"] == str(row["partial"]).lower()
            assert (float(read["p50"]) if read["p50"] else None) == row["p50"]


def test_a_csv_without_rows_has_its_header(tmp_path):
    write_csv(tmp_path / "none.csv", [])
    assert (tmp_path / "none.csv").read_text().strip() == ",".join(QUARTERLY)


@pytest.mark.parametrize("case", ["truce", "twin", "undefined"])
def test_the_workbook_holds_the_same_numbers(case, request, tmp_path):
    part = request.getfixturevalue(case)
    write_xlsx(tmp_path / "run.xlsx", part.document, part.settings)
    book = read_book(tmp_path / "run.xlsx")
    assert list(book) == ["headline", "quarterly", "monthly medians", "assumptions", "sources"]
    rows = quarterly_rows(part.document)
    assert len(book["quarterly"]) == len(rows) + 1
    for row, cells in zip(rows, book["quarterly"][1:], strict=True):
        assert cells["A"] == row["outcome"] and cells["E"] == row["quarter"]
        if row["p50"] is None:
            assert "M" not in cells
        else:
            assert cells["M"] == pytest.approx(row["p50"])
    assert len(book["monthly medians"]) == 1 + 14
    assert [cells["A"] for cells in book["assumptions"][1:]] == [row["key"] for row in part.settings]
    assert len(book["sources"]) > 10


def test_without_the_library_the_way_on_is_named(truce, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(DualtrackError, match=r"pip install 'dualtrack\[excel\]'"):
        write_xlsx(tmp_path / "run.xlsx", truce.document)
