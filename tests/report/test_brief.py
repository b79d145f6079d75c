import re
import shlex
from html.parser import HTMLParser

import pytest

from dualtrack.report.brief import build_brief, command, why_of
from dualtrack.report.headline import headline, marks
from dualtrack.report.numbers import interval, percent, quantity

VOID = {"meta", "br", "img", "link", "hr", "input"}
CASES = ["truce", "twin", "undefined"]


class Balance(HTMLParser):
    """Checks that tags close in order; keeps attributes that load something, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.loaded, self.ids, self.targets, self.text = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found and "svg" not in self.open:
            self.ids.append(found["id"])
        for name in ("src", "href", "xlink:href", "data", "srcset"):
            if name in found:
                (self.targets if tag == "a" else self.loaded).append(found[name])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"{tag} closes {self.open[-1:]} at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data):
        if not {"style", "svg"} & set(self.open):
            self.text.append(data)


def parsed(brief):
    parser = Balance()
    parser.feed(brief.html)
    parser.close()
    return parser


def words(brief):
    return re.sub(r"\s+", " ", "".join(parsed(brief).text)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_well_formed_small_and_loads_nothing(case, briefs):
    page = parsed(briefs[case])
    assert page.open == []
    assert len(briefs[case].html.encode()) < 3_000_000
    assert [target for target in page.loaded if not target.startswith("#")] == []
    assert "<script" not in briefs[case].html and "@import" not in briefs[case].html
    assert not re.search(r"url\(\s*['\"]?http", briefs[case].html)
    assert len(page.ids) == len(set(page.ids))
    assert {target[1:] for target in page.targets if target.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize("case", CASES)
def test_no_reader_meets_nan_or_none(case, briefs):
    for text in (words(briefs[case]), briefs[case].markdown):
        assert not re.search(r"\b(nan|NaN|None|null|inf)\b", text)


def test_undefined_is_said_in_both(briefs):
    assert "undefined" in words(briefs["undefined"])
    assert "undefined" in briefs["undefined"].markdown


@pytest.mark.parametrize("case", ["truce", "twin"])
def test_every_headline_number_is_in_the_page_and_its_twin(case, briefs, request):
    document = request.getfixturevalue(case).document
    for text in (words(briefs[case]), briefs[case].markdown):
        for row in headline(document):
            assert row.label in text
            for cell in row.cells:
                assert quantity(cell.found["p50"], row.unit, with_unit=False) in text
                assert interval(cell.found, row.unit) in text
        for _, month in marks(document):
            assert (
                f"{percent(document['probabilities']['any_delivery_by'][month])} by {month}" in text
                or case == "twin"
            )


def test_the_answer_changes_with_the_run(briefs):
    assert "Nothing is delivered in any path" in briefs["twin"].markdown
    assert "Nothing is delivered in any path" not in briefs["truce"].markdown
    assert "0 units in every path" in briefs["twin"].markdown


def test_every_setting_is_in_both_with_its_key(truce, briefs):
    text = words(briefs["truce"])
    for row in truce.settings:
        assert row["key"] in text
        assert f"`{row['key']}`" in briefs["truce"].markdown


def test_every_source_is_listed_and_every_number_leads_to_one(truce, briefs):
    page = parsed(briefs["truce"])
    addresses = {row["address"] for row in truce.document["sources"] if row["address"]}
    assert addresses <= set(page.targets)
    used = {int(n) for n in re.findall(r'href="#source-(\d+)"', briefs["truce"].html)}
    assert used and {f"source-{n}" for n in used} <= set(page.ids)
    assert "Hindsight:" in words(briefs["truce"])


def test_the_command_runs_the_same_again(truce):
    parts = shlex.split(command(truce.document))
    assert parts[:3] == ["dualtrack", "run", "h200-truce"]
    assert parts[parts.index("--months") + 1] == "14"
    assert parts[parts.index("--paths") + 1] == "64"
    assert parts[parts.index("--set") + 1] == "china.ratio=1"


def test_why_is_the_scenarios_own_and_not_its_ancestors(twin):
    assert why_of(twin.document).startswith("The twin of the truce")


def test_a_sealed_brief_names_no_firm(truce, sealed):
    for text in (sealed.html.lower(), sealed.markdown.lower()):
        for firm in ("bytedance", "alibaba", "tencent", "baidu", "deepseek"):
            assert firm not in text
    assert "Internet firm A" in sealed.html
    assert "withheld" in sealed.markdown


def test_pictures_are_linked_where_they_were_written(truce):
    made = build_brief(
        truce.document, truce.settings, **truce.names, images={"delivered": "charts/delivered.png"}
    )
    assert "](charts/delivered.png)" in made.markdown
    assert made.markdown.count("![") == 1


def test_charts_and_tables_can_be_read_without_seeing(briefs):
    html = briefs["truce"].html
    assert html.count('role="img"') == html.count("<figure>")
    assert all('scope="' in cell for cell in re.findall(r"<th\b[^>]*>", html))
    assert 'class="skip"' in html and '<html lang="en">' in html
    assert "prefers-color-scheme: dark" in html and "@media print" in html


def test_a_scenario_that_keeps_no_buyers_has_a_brief_without_them(truce, briefs):
    without = {**truce.document, "by_buyer": {name: {} for name in truce.document["by_buyer"]}}
    brief = build_brief(without, truce.settings, **truce.names)
    assert "Who gets what" in briefs["truce"].html and "Who gets what" not in brief.html
    assert brief.html.count("<figure") == briefs["truce"].html.count("<figure") - 1
