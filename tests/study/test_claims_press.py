"""The fourteen statements of the press, judged small: each is really computed, and moves with what it is about."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.study.claims_files import plan_for

from dualtrack.parallel import Where
from dualtrack.report.claims_part import claims_part, terminal_sections
from dualtrack.report.claims_words import worded
from dualtrack.report.study_page import study_html, study_markdown
from dualtrack.study.claims.files import PRESS, load_claims, shipped_claims
from dualtrack.study.claims.judging import judge
from dualtrack.study.claims.verdicts import VERDICTS, combined

NUMBER = 14


def press(
    *changes: str, only: str | None = None, facts: tuple[Path, ...] = (), workers: int = 1, **options: str
) -> Any:
    """The document of the press claims, or of one of them."""
    file = load_claims(PRESS)
    if only:
        chosen = [claim for claim in file.entry.claims if claim.id == only]
        file = replace(file, entry=file.entry.model_copy(update={"claims": chosen}))
    plan = plan_for(*changes, facts=facts, **{"months": "36", "paths": "60", **options})
    return worded(judge(file, plan, command="dualtrack claims", where=Where(workers)))


@pytest.fixture(scope="module")
def document() -> Any:
    return press()


def measures(document: Any, claim: str) -> dict[str, Any]:
    found = next(one for one in document["claims"] if one["id"] == claim)
    return {one["name"]: one for one in found["measures"]}


def test_all_statements_are_judged_and_plain(document: Any) -> None:
    assert shipped_claims() == [PRESS]
    assert len(document["claims"]) == NUMBER == sum(document["counts"].values())
    json.dumps(document, allow_nan=False)
    for claim in document["claims"]:
        verdicts = [one["verdict"] for one in claim["measures"] if one["verdict"]]
        assert verdicts and set(verdicts) <= set(VERDICTS)
        assert claim["verdict"] == combined(verdicts)
        assert claim["sources"], claim["id"]
        assert claim["statement"] and claim["why"]


def test_every_measure_has_a_number_or_says_what_is_missing(document: Any) -> None:
    for claim in document["claims"]:
        for one in claim["measures"]:
            assert (one["value"] is not None) or one["missing"] or one["never"], (claim["id"], one["name"])
            if one["missing"]:
                assert one["verdict"] == "cannot be judged"
            elif one["test"]:
                assert 0.0 <= one["probability"] <= 1.0
                assert claim["because"] or one["because"]


def test_only_what_no_source_gives_cannot_be_judged(document: Any) -> None:
    missing = [(c["id"], m["name"]) for c in document["claims"] for m in c["measures"] if m["missing"]]
    assert missing == [
        ("three-firms", "names of the three by a regulator"),
        ("mandatory-share", "the share"),
        ("bargaining-chip", "the hazard of legislation"),
    ]


def test_six_times_holds_on_arithmetic_and_not_on_bandwidth(document: Any) -> None:
    found = measures(document, "six-times")
    assert found["arithmetic"]["value"] == pytest.approx(1979 / 296, abs=0.01)
    assert found["memory bandwidth"]["value"] == pytest.approx(4.8 / 4.0)
    claim = next(one for one in document["claims"] if one["id"] == "six-times")
    assert claim["verdict"] == "holds partly"
    assert claim["holds_on"] == ["arithmetic", "training"]
    assert "memory bandwidth" in claim["fails_on"]


def test_runs_are_shared(document: Any) -> None:
    names = [one["name"] for one in document["runs"]]
    assert sorted(names) == sorted(
        ["h200-truce", "no-imports", "open-door", "china.ratio=0", "us.revocation=2026-12"]
    )


@pytest.mark.parametrize(
    ("change", "claim", "measure", "before", "after"),
    [
        ("vendor.unit_cost_usd=20000", "vendor-revenue", "unit cost over price", "holds", "does not hold"),
        ("demand.stated_orders=1e8", "orders", "wanted in earnest over the vendor's stock", None, "holds"),
        (
            "gates.hazard_factor=0",
            "precarious",
            "the US revokes within three years",
            "holds",
            "does not hold",
        ),
        ("serving.prompt_tokens=1000", "six-times", "serving", "does not hold", "holds"),
        (
            "sector.healthcare.domestic_share=1",
            "sectors",
            "healthcare",
            None,
            "does not hold",
        ),
    ],
)
def test_a_moved_input_moves_its_verdict(
    change: str, claim: str, measure: str, before: str | None, after: str, document: Any
) -> None:
    if before is not None:
        assert measures(document, claim)[measure]["verdict"] == before
    moved = press(change, only=claim)
    assert measures(moved, claim)[measure]["verdict"] == after


FACT = """\
nvidia.orders.h200.china_2026:
  what: H200 units ordered by Chinese firms for 2026
  value: 500000
  unit: units
  on: 2025-12-31
  confidence: medium
  source: {publisher: Ours, title: A count of our own, address: null, published: 2026-01-30}
"""


def test_a_corrected_fact_moves_its_verdict(document: Any, tmp_path: Path) -> None:
    before = measures(document, "orders")["units ordered by the reports"]
    assert (before["probability"], before["value"]) == (0.5, 2e6)
    path = tmp_path / "facts.yaml"
    path.write_text(FACT, encoding="utf-8")
    after = measures(press(only="orders", facts=(path,), months="6"), "orders")[
        "units ordered by the reports"
    ]
    assert (after["verdict"], after["value"]) == ("does not hold", 5e5)


def test_two_workers_give_the_same() -> None:
    one, two = (press(only="data-centre-race", workers=n, months="3") for n in (1, 2))
    assert one["claims"] == two["claims"]


def test_a_short_run_says_what_it_cannot_judge() -> None:
    found = press(months="6", paths="20")
    assert measures(found, "sectors")["healthcare"]["verdict"] == "cannot be judged"
    assert measures(found, "six-times")["arithmetic"]["verdict"] == "holds"


def test_the_page_and_its_twin_say_every_verdict(document: Any) -> None:
    part = claims_part(json.loads(json.dumps(document)))
    for page in (study_html(part, "dualtrack claims"), study_markdown(part, "dualtrack claims")):
        for claim in document["claims"]:
            assert f"{claim['id']}: {claim['verdict']}" in page
        assert "nan" not in page.lower().replace("finan", "").replace("governan", "").replace("tenan", "")
        assert "None" not in page.replace("None found", "").replace("None published", "")
    assert len(part.tables["claims"]) == sum(len(one["measures"]) for one in document["claims"])
    assert len(terminal_sections(document)[0].rows) == NUMBER
