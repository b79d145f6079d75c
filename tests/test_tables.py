"""A user's table: what it means, and every fault of it with row and column."""

import datetime
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.months import parse_month
from dualtrack.tables import Column, TableFault, gather_table, read_table

COLUMNS = (
    Column("id", unique=True),
    Column("units", "number", least=1, most=1e9, whole=True),
    Column("price", "number", required=False, default=5.0, least=0),
    Column("place", "choice", required=False, default="mainland", choices=("mainland", "hong_kong")),
    Column("declared", "yes_no", required=False),
    Column("on", "date", required=False),
    Column("month", "month", required=False),
    Column("note", required=False),
)


def written(folder, text, name="given.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def refused(folder, text, *wanted, columns=COLUMNS, what="order book"):
    with pytest.raises(TableFault) as caught:
        read_table(written(folder, text), columns, what)
    message = str(caught.value)
    for words in ("given.csv", *wanted):
        assert words in message, message
    return message


def workbook(folder, sheets, name="given.xlsx"):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def test_every_kind_of_column_is_read(tmp_path):
    text = (
        "id,units,price,place,declared,on,month,note\n"
        'a,10,2.5,hong_kong,yes,2026-01-20,2026-02,"one, two"\n'
        "b,20,,,no,,,\n"
        "c,1e3,0,Hong-Kong,,2026-01-31,2026-02,\n"
    )
    table = read_table(written(tmp_path, text), COLUMNS)
    assert table.rows == 3
    assert table.row_numbers.tolist() == [2, 3, 4]
    assert table.numbers("units").tolist() == [10, 20, 1000]
    assert table.numbers("price").tolist() == [2.5, 5, 0]
    assert table.labels("place").values() == ["hong_kong", "mainland", "hong_kong"]
    assert table.labels("declared").values() == [True, False, None]
    day = datetime.date(2026, 1, 20)
    assert table.labels("on").values() == [day, None, datetime.date(2026, 1, 31)]
    assert table.labels("month").values("none") == [parse_month("2026-02"), "none", parse_month("2026-02")]
    assert table.labels("note").values("") == ["one, two", "", ""]


def test_a_column_left_out_takes_its_default_in_every_row(tmp_path):
    table = read_table(written(tmp_path, "id,units\na,1\n"), COLUMNS)
    assert table.given == {"id", "units"}
    assert table.numbers("price").tolist() == [5]
    assert table.labels("place").values() == ["mainland"]
    assert table.labels("note").values() == [None]


def test_a_number_left_out_without_a_default_is_not_zero(tmp_path):
    columns = (Column("id"), Column("x", "number", required=False))
    assert np.isnan(read_table(written(tmp_path, "id\na\n"), columns).numbers("x")).all()


def test_spreadsheets_of_other_countries_and_systems_are_read(tmp_path):
    plain = "id,units\na,1\nb,2\n"
    for text in (
        plain.replace("\n", "\r\n"),
        plain.replace(",", ";"),
        plain.replace(",", "\t"),
        "\ufeff" + plain,
        plain.upper().replace("A", "a").replace("B", "b"),
        " id , units\n a ,1\nb, 2 \n",
        plain.rstrip("\n"),
        'id,units\n"a","1"\n"b",2',
    ):
        table = read_table(written(tmp_path, text), COLUMNS)
        assert table.labels("id").values() == ["a", "b"], text
        assert table.numbers("units").tolist() == [1, 2], text


def test_blank_rows_are_left_out_and_the_others_keep_their_numbers(tmp_path):
    table = read_table(written(tmp_path, "id,units\n\na,1\n,\nb,2\n\n\n"), COLUMNS)
    assert table.row_numbers.tolist() == [3, 5]
    assert table.labels("id").values() == ["a", "b"]


def test_a_blank_last_column_without_a_name_is_passed_over(tmp_path):
    assert read_table(written(tmp_path, "id,units,\na,1,\nb,2,\n"), COLUMNS).rows == 2


def test_numbers_that_only_look_like_numbers_keep_their_text_in_names(tmp_path):
    table = read_table(written(tmp_path, "id,units\n007,1\n7,2\nnan,3\nTrue,4\n"), COLUMNS)
    assert table.labels("id").values() == ["007", "7", "nan", "True"]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("-5", "'-5' does not fit. Wanted: a whole number from 1 to 1,000,000,000"),
        ("0", "from 1"),
        ("1.5", "a whole number"),
        ("many", "'many'"),
        ("nan", "'nan'"),
        ("inf", "'inf'"),
        ("1e400", "1e400"),
        ("2000000000", "to 1,000,000,000"),
        ("true", "'true'"),
        ('"10,000"', "Write 10000 without separators"),
        ("10 000", "Write 10000 without separators"),
        ("", "is empty. Wanted: a whole number"),
        ("  ", "is empty"),
        ("x" * 500, "xxx…"),
    ],
)
def test_a_number_that_does_not_fit_is_named_with_row_and_column(tmp_path, cell, wanted):
    message = refused(tmp_path, f"id,units\na,1\nb,{cell}\n", "row 3, units", wanted)
    assert len(message) < 400


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        ("place", "mainlnd", "Did you mean 'mainland'? Wanted: mainland or hong_kong"),
        ("declared", "perhaps", "yes or no"),
        ("on", "20/01/2026", "a day such as 2026-01-31"),
        ("on", "2026-01", "a day such as 2026-01-31"),
        ("on", "2026-02-30", "a day such as"),
        ("month", "2026-13", "a month such as 2026-02"),
        ("month", "Feb 2026", "a month such as 2026-02"),
    ],
)
def test_a_word_that_does_not_fit_is_named_with_row_and_column(tmp_path, column, cell, wanted):
    refused(tmp_path, f"id,units,{column}\na,1,\nb,2,{cell}\n", f"row 3, {column}", repr(cell), wanted)


def test_all_faults_are_told_at_once_in_the_order_of_rows(tmp_path):
    text = "id,units,place,on\na,1.5,mainland,\nb,,moon,\na,-3,hong_kong,2026\n"
    message = refused(tmp_path, text, "(6 faults)", "'a' stands in row 2 already")
    places = [message.index(f"row {row}, {column}") for row, column in
              [(2, "units"), (3, "units"), (3, "place"), (4, "id"), (4, "units"), (4, "on")]]  # fmt: skip
    assert places[0] < min(places[1:3]) and max(places[1:3]) < min(places[3:])


def test_one_mistake_in_many_rows_is_one_fault(tmp_path):
    rows = "".join(f"r{n},1,moon\n" for n in range(50))
    message = refused(tmp_path, "id,units,place\n" + rows, "row 2, place", "(49 more rows as well)")
    assert message.count("moon") == 1


def test_a_long_list_of_faults_is_cut_and_the_rest_counted(tmp_path):
    rows = "".join(f"r{n},{-n}\n" for n in range(1, 101))
    message = refused(tmp_path, "id,units\n" + rows, "row 2, units", "80 faults beyond these are not listed")
    assert message.count("does not fit") == 20


def test_duplicates_name_both_rows(tmp_path):
    message = refused(tmp_path, "id,units\nx,1\ny,2\nx,3\ny,4\nx,5\n", "(3 faults)")
    assert "row 4, id: 'x' stands in row 2" in message
    assert "row 5, id: 'y' stands in row 3" in message
    assert "row 6, id: 'x' stands in row 2" in message


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["is empty", "header"]),
        ("\n\n", ["is empty"]),
        ("id,units\n", ["a header and no rows", "order book"]),
        ("a,1\nb,2\n", ["row 1", "not the header of the order book", "id, units"]),
        ("id,unit\na,1\n", ["unit: there is no such column", "Did you mean 'units'", "units: the column is missing"]),
        ("id,units,units\na,1,1\n", ["row 1, units", "stands twice"]),
        ("id,units,\na,1,x\n", ["row 1, column 3", "no name"]),
        ("id,units\na,1,7\n", ["row 2", "3 cells where the header has 2"]),
        ("id,units,price\na,1,5\nb,2\nc\n", ["row 3", "2 cells", "row 4", "1 cells"]),
        ("id,units\na,1\nb,10,000\n", ["row 3", "3 cells", "quotation marks"]),
        ('id,units\na,1\n"b,2\nc,3\n', ["row 3", "quotation mark is not closed"]),
        ("id,units\na,1\nb\0,2\n", ["row 3", "null character"]),
        ("id,units\na,1\nb\xe9,2\n".encode("latin-1"), ["row 3", "0xe9", "CSV UTF-8"]),
        ("id,units\na,1\n".encode("utf-16"), ["UTF-16", "CSV UTF-8"]),
        (b"\xd0\xcf\x11\xe0 old", ["old workbook"]),
        (b"PK\x03\x04 no workbook", ["no workbook that can be read"]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused(tmp_path, text, wanted):
    refused(tmp_path, text, *wanted)


def test_many_ragged_rows_are_cut_and_counted(tmp_path):
    refused(tmp_path, "id,units\n" + "a\n" * 50, "row 2", "30 rows beyond these are not listed")


def test_a_place_that_is_no_file_is_refused(tmp_path):
    with pytest.raises(TableFault, match="is a folder"):
        read_table(tmp_path, COLUMNS)
    with pytest.raises(TableFault, match=r"absent\.csv cannot be read"):
        read_table(tmp_path / "absent.csv", COLUMNS)


def test_an_empty_ledger_may_be_allowed(tmp_path):
    table = read_table(written(tmp_path, "id,units\n"), COLUMNS, may_be_empty=True)
    assert table.rows == 0
    assert table.numbers("units").shape == (0,)
    assert table.labels("id").values() == []


def test_faults_can_be_added_to_by_a_caller(tmp_path):
    table, faults = gather_table(written(tmp_path, "id,units\na,1.5\nb,2\nc,2\n"), COLUMNS, "order book")
    codes = table.labels("id").codes
    faults.add_labels(
        "id", codes, np.array([1]), lambda code: f"{table.labels('id').labels[code]} is unknown"
    )
    faults.add_rows("", table.numbers("units") == 2, "two is too few")
    with pytest.raises(TableFault) as caught:
        faults.raise_any()
    message = str(caught.value)
    assert "row 2, units: '1.5'" in message
    assert "row 3, id: b is unknown" in message
    assert "row 3: two is too few (1 more row as well)" in message


def test_a_workbook_is_read_as_its_csv(tmp_path):
    rows = [
        ["id", "Units", "price", "place", "declared", "on", "month", "note"],
        ["a", 10, 2.5, "hong_kong", True, datetime.date(2026, 1, 20), "2026-02", None],
        [None] * 8,
        [7, 20.0, None, None, False, datetime.datetime(2026, 1, 31), None, "late"],
        [None] * 8,
    ]
    table = read_table(workbook(tmp_path, {"any": rows}), COLUMNS)
    assert table.row_numbers.tolist() == [2, 4]
    assert table.labels("id").values() == ["a", "7"]
    assert table.numbers("units").tolist() == [10, 20]
    assert table.labels("declared").values() == [True, False]
    assert table.labels("on").values() == [datetime.date(2026, 1, 20), datetime.date(2026, 1, 31)]


def test_of_several_sheets_the_one_named_as_the_table_is_read(tmp_path):
    path = workbook(tmp_path, {"Orders": [["id", "units"], ["a", 1]], "stock": [["id", "units"], ["b", 2]]})
    assert read_table(path, COLUMNS, "stock").labels("id").values() == ["b"]
    assert read_table(path, COLUMNS, "orders").labels("id").values() == ["a"]
    with pytest.raises(TableFault, match=r"2 sheets: 'Orders', 'stock'"):
        read_table(path, COLUMNS, "ledger")


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([], "is empty"),
        ([["id", "units"]], "a header and no rows"),
        ([["id", "units"], ["a", 1.5]], "row 2, units: '1.5'"),
        ([["id", "units"], ["a", "=1/0"]], "row 2, units: is empty"),
        ([["id", "units"], ["a", 1, "x"]], "row 2: a cell right of the header's last column"),
        ([["id", None, "units"], ["a", "x", 1]], "row 1, column 2: has cells and no name"),
    ],
)
def test_faults_of_a_workbook_are_told_like_those_of_a_csv(tmp_path, rows, wanted):
    path = workbook(tmp_path, {"sheet": rows})
    with pytest.raises(TableFault) as caught:
        read_table(path, COLUMNS)
    assert wanted in str(caught.value)


def test_without_openpyxl_a_workbook_says_what_to_install(tmp_path, monkeypatch):
    path = workbook(tmp_path, {"sheet": [["id", "units"], ["a", 1]]})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(TableFault, match=r"pip install 'dualtrack\[excel\]'"):
        read_table(path, COLUMNS)


@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).filter(str.strip),
            st.integers(1, 10**9),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_was_written_is_what_is_read(rows, tmp_path_factory):
    import csv

    path = tmp_path_factory.mktemp("tables") / "given.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("name", "units"), *rows])
    table = read_table(path, (Column("name"), Column("units", "number", whole=True)))
    assert table.labels("name").values() == [name.strip() for name, _ in rows]
    assert table.numbers("units").tolist() == [units for _, units in rows]
