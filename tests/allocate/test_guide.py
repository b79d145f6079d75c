"""The guide to `dualtrack allocate` says what the program does."""

import re
import shlex

import pytest
from tests.cli.helpers import dualtrack

from dualtrack.allocate.limits_file import FileEntry, read_limits
from dualtrack.allocate.reading import ORDER_COLUMNS, STOCK_COLUMNS
from dualtrack.commands.allocating_guide import EXAMPLES, MEANINGS, PAGE, PICTURE, ROOT, allocate_parts
from dualtrack.commands.guide import with_parts

TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = [
    line
    for page in (PAGE, EXAMPLES / "README.md")
    for block in re.findall(r"```\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S)
    for line in block.splitlines()
    if line.startswith("dualtrack ")
]


def test_the_generated_parts_are_those_of_the_program():
    assert with_parts(TEXT, allocate_parts()) == TEXT


def test_the_picture_is_there():
    assert PICTURE.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_pages_runs(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    answer = dualtrack(*shlex.split(command)[1:])
    assert answer.code == 0, answer.err
    assert "units, by policy" in answer.out


def test_there_are_commands():
    assert len(COMMANDS) >= 6


def test_the_limits_file_of_the_page_is_read(tmp_path, book, rulebook):
    block = re.search(r"```yaml\n(# limits\.yaml.*?)```", TEXT, flags=re.S)
    assert block
    path = tmp_path / "limits.yaml"
    path.write_text(block[1], encoding="utf-8")
    limits = read_limits(path, book, rulebook, book.last_date)
    assert "acme_cloud" in limits.buyers
    parts = {one.key.partition(".")[0] for one in limits.given}
    assert parts == {"set", "gates", "counts", "ratio", "buyers"}
    for part in FileEntry.model_fields:
        assert re.search(rf"^{part}:", block[1], flags=re.M), part


def test_every_column_has_its_meaning():
    assert {column.name for column in (*ORDER_COLUMNS, *STOCK_COLUMNS)} == set(MEANINGS)


def test_every_key_of_the_document_is_on_the_page():
    document = dualtrack(
        "allocate", EXAMPLES / "orders.csv", "--stock", EXAMPLES / "stock.csv", "--json"
    ).document
    table = TEXT[TEXT.index("## The JSON document") : TEXT.index("## Where not")]
    assert [key for key in document if f"`{key}`" not in table] == []
