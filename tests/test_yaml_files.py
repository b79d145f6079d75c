import pytest

from dualtrack.errors import DataFault
from dualtrack.yaml_files import load_document


def written(tmp_path, text):
    path = tmp_path / "given.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_and_item_has_its_line(tmp_path):
    document = load_document(written(tmp_path, "# a comment\na:\n  b: 1\n  c:\n  - x\n  - y: 2\n"))
    assert document.data == {"a": {"b": 1, "c": ["x", {"y": 2}]}}
    assert document.line(("a", "b")) == 3
    assert document.line(("a", "c", 1, "y")) == 6


def test_a_missing_key_has_the_line_of_what_holds_it(tmp_path):
    document = load_document(written(tmp_path, "a:\n  b: 1\n"))
    assert document.line(("a", "nowhere")) == 1
    assert document.line(("nowhere",)) is None


def test_on_is_a_key_and_not_a_truth(tmp_path):
    assert load_document(written(tmp_path, "on: 2025Q4\n")).data == {"on": "2025Q4"}


def test_an_empty_file_holds_nothing(tmp_path):
    assert load_document(written(tmp_path, "")).data is None


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path):
    with pytest.raises(DataFault, match=r"line 3: a stands twice"):
        load_document(written(tmp_path, "a: 1\nb: 2\na: 3\n"))


def test_what_is_not_yaml_is_refused_with_its_line(tmp_path):
    with pytest.raises(DataFault, match=r"given\.yaml, line \d+: not YAML"):
        load_document(written(tmp_path, "a: [1, 2\nb: 3\n"))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataFault, match="cannot be read"):
        load_document(tmp_path / "absent.yaml")
