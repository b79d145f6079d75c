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


def test_aliases_are_read(tmp_path):
    document = load_document(written(tmp_path, "a: &x {b: [1, 2]}\nc: *x\n"))
    assert document.data == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}
    assert document.line(("c", "b")) == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: 1\nb: *x\n", r"line 2: \*x stands for nothing"),
        ("a: &x [1, *x]\n", r"line 1: \*x stands for nothing"),
        ("? [1, 2]\n: 3\n", r"line 1: a key has to be one word"),
        ("a: 1\n---\nb: 2\n", r"line 2: a second document starts"),
        ("a: 1\nb: !!bool perhaps\n", r"line 2: 'perhaps' cannot be read"),
        ("a: 1\nb: !!int ''\n", r"line 2: '' cannot be read"),
        ("a: !!timestamp soon\n", r"line 1: 'soon' cannot be read"),
    ],
)
def test_what_a_file_may_not_hold(tmp_path, text, what):
    with pytest.raises(DataFault, match=what):
        load_document(written(tmp_path, text))


def test_no_tag_makes_an_object(tmp_path):
    document = load_document(written(tmp_path, "a: !!python/object/apply:os.getcwd []\n"))
    assert document.data == {"a": []}
    with pytest.raises(DataFault, match="line 1: not YAML: could not determine a constructor"):
        load_document(written(tmp_path, "a: !!python/name:os.getcwd ''\n"))


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 50_000 + "a", "{a: " * 200_000])
def test_what_is_nested_without_end_is_refused(tmp_path, text):
    # PyYAML's own composer ends the process over the first.
    with pytest.raises(DataFault, match="nested more than 100 deep"):
        load_document(written(tmp_path, text))


def test_aliases_that_unfold_without_end_are_refused(tmp_path):
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(DataFault, match=r"line 6: its aliases unfold to more than"):
        load_document(written(tmp_path, "\n".join(lines)))


def test_what_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "given.yaml"
    path.write_bytes(b"title: \xff\xfe\n")
    with pytest.raises(DataFault, match=r"cannot be read .* Save it as UTF-8"):
        load_document(path)
