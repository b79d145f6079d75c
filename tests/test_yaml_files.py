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


DOUBLED = "\n".join(
    [
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)),
    ]
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a:\n  b: [" + "[" * 200_000 + "]" * 200_000 + "]\n", "line 2: nested more than 50 deep"),
        ("- " * 200_000 + "x\n", "line 1: nested more than 50 deep"),
        ("a: &a [*a]\n", r"line 1: \*a stands within what it repeats"),
        (DOUBLED, "line 6: more than 200,000 entries, those repeated by aliases included"),
    ],
    ids=["deep lists", "deep lists in one line", "an endless alias", "aliases of aliases"],
)
def test_a_file_without_measure_is_refused_before_it_is_built(tmp_path, text, wanted):
    with pytest.raises(DataFault, match=wanted):
        load_document(written(tmp_path, text))


def test_an_alias_repeats_what_it_names(tmp_path):
    document = load_document(written(tmp_path, "a: &a {b: 1}\nc: *a\n"))
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize("text", ["!!bool maybe", '!!int ""', "!!timestamp soon", "!!float x"])
def test_a_tag_that_does_not_fit_its_word_is_refused_with_its_line(tmp_path, text):
    with pytest.raises(DataFault, match=r"given\.yaml, line 2: .* cannot be read"):
        load_document(written(tmp_path, f"a: 1\nb: {text}\n"))
