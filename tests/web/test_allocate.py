"""The page Allocate and its interface give what the command gives, and refuse what is broken in words."""

from __future__ import annotations

import html
import io
import json
import re
import shlex
import zipfile
from collections.abc import Callable

import pytest
from tests.cli.helpers import dualtrack

from dualtrack.allocate.asking import EXAMPLES
from dualtrack.web.jobs.uploads import LONGEST_LINE, MOST_COLUMNS

ORDERS = "order,buyer,chip,units,price\na,bytedance,H200,60,27000\nb,tencent,H200,60,26000\n"
STOCK = "chip,month,units\nH200,2026-02,90\n"
PART = {"hx-request": "true"}


def sent(orders: bytes | str = ORDERS, stock: bytes | str = STOCK, limits: bytes | str | None = None) -> dict:
    given = {"orders": ("mine.csv", orders), "stock": ("stock.csv", stock), "limits": ("limits.yaml", limits)}
    return {
        name: (file, content.encode() if isinstance(content, str) else content)
        for name, (file, content) in given.items()
        if content is not None
    }


def workbook(*sheets: list[list[object]]) -> bytes:
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return target.getvalue()


def repacked(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return target.getvalue()


BOOK = workbook([line.split(",") for line in ORDERS.splitlines()])
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def asked(client, finished) -> Callable[..., dict]:
    """A function: files and settings -> the state of the task by the interface, once it is over."""

    def ask(files: dict, **settings: str) -> dict:
        answer = client.post("/api/v1/allocate", files=files, data=settings)
        assert answer.status_code == 202, answer.text
        return finished(answer.json()["id"])

    return ask


def without_time(document: dict) -> dict:
    return {**document, "seconds": 0}


def by_command(*words: object) -> dict:
    return without_time(dualtrack("allocate", *map(str, words), "--json").document)


def test_the_interface_gives_the_document_of_the_command(client, asked):
    names = {"orders": "orders.csv", "stock": "stock.csv", "limits": "limits.yaml"}
    files = {name: (file, (EXAMPLES / file).read_bytes()) for name, file in names.items()}
    state = asked(files, policy="max-min", level="units", lot="8", on="2026-01-31")
    assert state["state"] == "done", state["error"]
    given = ("--stock", EXAMPLES / "stock.csv", "--limits", EXAMPLES / "limits.yaml")
    settings = ("--policy", "max-min", "--level", "units", "--lot", "8", "--on", "2026-01-31")
    wanted = by_command(EXAMPLES / "orders.csv", *given, *settings)
    assert without_time(client.get(f"/api/v1/tasks/{state['id']}/result").json()) == wanted
    assert state["files"] == ["allocation.csv", "allocation.json", "allocation.xlsx"]
    lines = client.get(f"/tasks/{state['id']}/files/allocation.csv").text.splitlines()
    assert lines[0] == "order,buyer,chip,month,units"
    assert len(lines) == 1 + len(wanted["allocation"])


def test_a_workbook_gives_the_same_as_a_text(client, asked):
    results = [
        client.get(f"/api/v1/tasks/{asked(sent(orders))['id']}/result").json() for orders in (ORDERS, BOOK)
    ]
    assert without_time(results[0]) == without_time(results[1])


def test_the_form_shares_out_the_example_that_stands_in_it(client, finished):
    page = client.get("/allocate").text
    texts = {
        name: html.unescape(
            re.search(rf'<textarea id="{name}_text".*?>\n(.*?)</textarea>', page, re.DOTALL).group(1)
        )
        for name in ("orders", "stock", "limits")
    }
    form = {f"{name}_text": text.replace("\n", "\r\n") for name, text in texts.items()}
    started = client.post("/allocate", data={**form, "lot": ""}, follow_redirects=False)
    assert started.status_code == 303
    address = started.headers["location"]
    assert finished(address.rpartition("/")[2])["state"] == "done"
    shown = client.get(address).text
    wanted = by_command(
        EXAMPLES / "orders.csv", "--stock", EXAMPLES / "stock.csv", "--limits", EXAMPLES / "limits.yaml"
    )
    assert f"{wanted['units']:,} of 2,160,000 units, by policy value" in shown
    for rule in ("us.buyer_cap", "china.batch_quota", "china.domestic_ratio", "china.barred_class"):
        assert f'href="/rules/{rule}"' in shown
    for fact in (row["fact"] for row in wanted["sources"]):
        assert f'href="/facts/{fact}"' in shown
    spec = json.loads(
        re.search(r'<script type="application/json" class="spec">(.*?)</script>', shown).group(1)
    )
    assert "vega-lite/v6" in spec["$schema"]
    assert "title" not in spec
    command = re.search(r'<pre id="command"[^>]*><code>(.*?)</code>', shown).group(1)
    words = shlex.split(html.unescape(command))
    assert words == shlex.split("dualtrack allocate orders.csv --stock stock.csv --limits limits.yaml")
    # What was sent stands in the form again.
    assert html.escape(texts["limits"], quote=False).splitlines()[0] in html.unescape(shown)


def test_the_same_book_sent_twice_is_one_task_and_another_policy_another(client, asked):
    first = asked(sent())["id"]
    assert asked(sent())["id"] == first
    assert asked(sent(), policy="compute")["id"] != first


def test_the_strip_comes_first_and_leads_to_the_page(client, finished):
    strip = client.post("/allocate", files=sent(), data={"policy": "pro-rata"}, headers=PART)
    address = strip.headers["hx-push-url"]
    assert 'id="task"' in strip.text
    finished(address.rpartition("/")[2])
    part = client.get(address, headers=PART).text
    assert "by policy pro-rata" in part
    assert "<form" not in part


def test_promises_that_clash_are_shown_as_a_conflict(client, asked):
    orders = "order,buyer,chip,units,promised\na,bytedance,H200,900,900\n"
    state = asked(sent(orders))
    assert state["state"] == "done"
    document = client.get(f"/api/v1/tasks/{state['id']}/result").json()
    assert document["feasible"] is False
    assert {clash["kind"] for clash in document["conflict"]} == {"promise", "stock"}
    page = client.get(f"/allocate/{state['id']}").text
    assert "The promised units cannot all be delivered" in page
    for clash in document["conflict"]:
        assert clash["text"] in page


def test_a_post_from_another_site_is_refused(client):
    for site in ({"origin": "http://elsewhere.example"}, {"sec-fetch-site": "cross-site"}):
        for address in ("/allocate", "/api/v1/allocate"):
            assert client.post(address, files=sent(), headers=site).status_code == 403


def test_settings_are_refused_at_once_each_at_its_field(client):
    wrong = {"policy": "maxmin", "lot": "0", "on": "soon", "level": "<b>"}
    answer = client.post("/api/v1/allocate", files=sent(), data=wrong)
    assert answer.status_code == 422
    for word in ("--policy", "Did you mean 'max-min'", "--lot", "--on", "--level"):
        assert word in answer.json()["error"]
    page = client.post("/allocate", data=wrong)
    assert page.status_code == 422
    assert set(re.findall(r'<li data-key="(\w+)">', page.text)) == {*wrong, "orders", "stock"}
    assert "<b>" not in page.text
    part = client.post("/allocate", data=wrong, headers=PART)
    assert part.status_code == 422
    assert part.text.startswith('<div class="fault">')


def test_every_fault_of_every_file_is_told_by_the_name_that_its_user_knows(client, asked):
    orders = "order,buyer,chip,units\na,bytedanse,H200,x\na,tencent,H20O,5\n"
    files = {
        **sent(orders, "chip,month,units\nH200,February,5\n"),
        "orders": ("C:\\me\\my <book>.csv", orders),
    }
    state = asked(files)
    assert state["state"] == "failed"
    wanted = [
        "my <book>.csv, row 2, buyer: there is no buyer 'bytedanse'. Did you mean 'bytedance'",
        "my <book>.csv, row 2, units: 'x' does not fit",
        "my <book>.csv, row 3, order: 'a' stands in row 2 already",
        "my <book>.csv, row 3, chip: Unknown chip 'H20O'",
        "stock.csv, row 2, month: 'February' does not fit",
    ]
    for words in wanted:
        assert words in state["error"]
    assert "dualtrack-serve" not in state["error"]
    assert "C:\\me" not in state["error"]
    page = client.get(f"/allocate/{state['id']}").text
    assert "<book>" not in page
    assert "my &lt;book&gt;.csv, row 2" in page


def big_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", b"<a/>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(200):
                part.write(b" " * 1_000_000)
    return target.getvalue()


ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
)
EBCDIC = b'<?xml version="1.0" encoding="cp037"?>' + "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>".encode(
    "cp037"
)
BROKEN = {
    "empty": (b"  \n", "mine.csv is empty"),
    "not UTF-8": (b"order,buyer,chip,units\na,b\xff,H200,5\n", "mine.csv, row 2: byte 0xff is not UTF-8"),
    "UTF-16": (ORDERS.encode("utf-16"), "mine.csv is in UTF-16"),
    "a null": (b"order,buyer,chip,units\na,b\0,H200,5\n", "mine.csv, row 2: a null character"),
    "an open quotation": (
        b'order,buyer,chip,units\na,"b,H200,5\n',
        "mine.csv, row 2: not CSV: a quotation mark is not closed",
    ),
    "ragged": (b"order,buyer,chip,units\na,b\n", "mine.csv, row 2: 2 cells where the header has 4"),
    "no header": (b"1,2,3\n", "mine.csv, row 1: not the header of the orders"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)), "mine.csv, row 1: byte 0x89 is not UTF-8"),
    "a huge cell": (
        b"order,buyer,chip,units\n" + b"a" * (LONGEST_LINE + 1) + b",b,H200,5\n",
        "mine.csv, row 2: 20,010 bytes long",
    ),
    "many blank rows": (b"order,buyer,chip,units\n" + b"\n" * 3_000_000, "mine.csv has 3,000,001 rows"),
    "many columns": (
        b"," * 30_000 + b"\n" + b"\n" * 1_000,
        f"mine.csv has 30,001 columns. Wanted: at most {MOST_COLUMNS}",
    ),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(100), "mine.csv is an old workbook"),
    "half a workbook": (BOOK[: len(BOOK) // 2], "mine.csv is no workbook that can be read"),
    "another zip": (
        repacked(BOOK, "[Content_Types].xml", lambda _: b"<a/>"),
        "mine.csv is no workbook that can be read",
    ),
    "a packed bomb": (big_zip(), "mine.csv unpacks to 200,000,004 bytes"),
    "entities": (repacked(BOOK, SHEET, lambda _: ENTITIES), "mine.csv declares a document type"),
    "entities in an old code": (
        repacked(BOOK, SHEET, lambda _: EBCDIC),
        "mine.csv is no workbook that can be read",
    ),
    "a far row": (
        repacked(BOOK, SHEET, lambda part: part.replace(b'<row r="2"', b'<row r="1048576"')),
        "mine.csv has 1,048,576 rows",
    ),
    "a far column": (
        repacked(BOOK, SHEET, lambda part: part.replace(b'<c r="B2"', b'<c r="XFD2"')),
        "mine.csv has 16,384 columns",
    ),
    "nested cells": (
        repacked(BOOK, SHEET, lambda _: b"<a>" * 10_000 + b"</a>" * 10_000),
        "mine.csv is nested more than 50 deep",
    ),
    "a long text": (
        repacked(BOOK, "xl/sharedStrings.xml", lambda part: part.replace(b"bytedance", b"b" * 40_000)),
        "mine.csv: a text of more than 32,767 characters",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_words(asked, name):
    content, wanted = BROKEN[name]
    state = asked(sent(content))
    assert state["state"] == "failed"
    assert wanted in state["error"]
    assert "fault of ours" not in state["error"]
    assert "dualtrack-serve" not in state["error"]


def test_a_wrong_size_in_a_workbook_hides_no_cell(client, asked):
    lying = repacked(
        BOOK, SHEET, lambda part: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', part)
    )
    assert lying != BOOK
    assert asked(sent(lying))["state"] == "done"


LIMITS = {
    "no YAML": ("a: [", "limits.yaml, line"),
    "no mapping": ("- a\n", "limits.yaml: wanted keys"),
    "unknown keys": ("sett: {}\nset:\n  us.buyer_capp.units: 5\n", "limits.yaml, line 1"),
    "a rule of the user's": ("set:\n  us.buyer_capp.units: 5\n", "limits.yaml, line 2"),
    "aliases of aliases": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{to}: &{to} [{','.join([f'*{of}'] * 10)}]\n"
            for of, to in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "limits.yaml, line 5: its aliases unfold to more than",
    ),
    "deep": ("set: " + "[" * 100_000, "limits.yaml, line 1: nested more than 100 deep"),
    "an object": ("set: !!python/object/apply:os.system [ls]\n", "limits.yaml, line 1, set"),
    "a null": ("set: \0\n", "limits.yaml"),
    "not UTF-8": (b"set: \xff\n", "limits.yaml"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_broken_limits_file_is_refused_in_words(asked, name):
    content, wanted = LIMITS[name]
    state = asked(sent(limits=content))
    assert state["state"] == "failed"
    assert wanted in state["error"]
    assert "fault of ours" not in state["error"]
    assert "dualtrack-serve" not in state["error"]


@pytest.mark.parametrize("address", ["/allocate", "/api/v1/allocate"])
def test_a_body_that_is_too_large_is_refused_with_the_limit(client, address):
    def chunks():
        yield b'--x\r\nContent-Disposition: form-data; name="orders"; filename="o.csv"\r\n\r\n'
        yield from (b"a" * 1_000_000 for _ in range(11))
        yield b"\r\n--x--\r\n"

    kind = {"content-type": "multipart/form-data; boundary=x"}
    for content in (chunks(), b"".join(chunks())):
        answer = client.post(address, content=content, headers=kind)
        assert answer.status_code == 413
        assert "10 MB" in answer.text


@pytest.mark.parametrize("address", ["/allocate", "/api/v1/allocate"])
def test_a_body_that_is_no_form_is_refused(client, address):
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert client.post(address, content=b"no form", headers=kind).status_code in (400, 422)
    assert (
        client.post(address, content=b"[1]", headers={"content-type": "application/json"}).status_code == 422
    )
    many = {f"f{n}": "x" for n in range(2_000)}
    assert client.post(address, files=sent(), data=many).status_code in (400, 422)


def test_an_allocation_that_is_gone_or_none_is_told_of(client, finished):
    assert client.get("/allocate/nowhere").status_code == 404
    assert client.get("/allocate/..%2f..%2fetc").status_code == 404


def test_the_files_sent_are_not_to_be_had(client, asked):
    state = asked(sent())
    for name in (".orders", ".stock", ".view.json", ".asked.json", "..%2f.orders"):
        assert client.get(f"/tasks/{state['id']}/files/{name}").status_code == 404
