"""Claims files that cannot be used: every fault at once, with its line, and how to go on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.study.claims_files import judged, plan_for

from dualtrack.errors import DataFault, ScenarioFault

BAD_FORM = """\
title: Mine
claims:
  - id: one
    statement: S
    about:
      - {name: a, outcome: h200_delivered_cum, test: '> 1', becuase: x}
  - id: two
    about: []
  - statement: S
    about: [{name: a, chips: [H200, H20], by: arithmetic, test: '> 1', because: x}]
    holds_at: 2
"""

BAD_SENSE = """\
title: Mine
claims:
  - id: one
    statement: S
    because: B
    about:
      - {name: a, outcome: h200_delivered_cum, test: '> 1'}
      - {name: a, outcome: h200_backlog, fact: import.demand.orders_ft, test: '> 1'}
  - id: one
    statement: S
    about:
      - {name: b, outcome: h200_backlog, test: '> 1'}
      - {name: c, chips: [H200, H20], by: arithmetic, window: 3, test: '> 1', because: B}
  - id: three
    statement: S
    holds_at: 0.1
    about: [{name: d, outcome: h200_backlog}]
"""

BAD_NAMES = """\
title: Mine
claims:
  - id: one
    statement: S
    because: B
    rests_on: [vendor.price]
    about:
      - {name: outcome, outcome: h200_deliverd_cum, test: '> 1'}
      - {name: period, outcome: h200_backlog@2026-13, test: '> 1'}
      - {name: fact, fact: import.demand.orders, test: '> 1'}
      - {name: chip, chips: [H2000, H20], by: arithmetic, test: '> 1'}
      - {name: by, chips: [H200, H20], by: speed, test: '> 1'}
      - {name: scenario, outcome: h200_backlog, against: no-import, test: '> 1'}
      - {name: key, outcome: h200_backlog, against: {set: {china.ratoi: 0}}, test: '> 1'}
      - {name: event, event: us_gate closed, test: by 2026-12}
      - {name: sector, months_gained: health, test: '> 1'}
      - {name: stake, stake: revenue, revocation: 2026-12, test: '> 1'}
      - {name: input, input: vendor.prize_usd, test: '> 1'}
      - {name: parameter, parameter: china.ratio, test: '> 1'}
      - {name: buyer, outcome: h200_delivered_cum, buyers: [bytedanse], test: '> 1'}
      - {name: order, decide: {chip: H200, buyer: bytedance, units: 1, declare: {kcy: true}}, test: is may_ship}
      - {name: syntax, outcome: h200_backlog, test: more than 1}
      - {name: kind, outcome: h200_backlog, test: by 2026-12}
      - {name: units, outcome: h200_backlog, over: [nvidia.revenue.total.fy2026q3], test: '> 1'}
      - {name: passed, first: h200_backlog, exceeds: us_compute_h100e, test: by 2026-12}
"""


def refusal(text: str, folder: Path) -> str:
    with pytest.raises(ScenarioFault) as refused:
        judged(text, folder, plan_for())
    return str(refused.value)


def test_faults_of_form_come_together_with_their_lines(tmp_path: Path) -> None:
    said = refusal(BAD_FORM, tmp_path)
    assert "(5 faults)" in said
    assert "line 6, one, a, becuase: there is no field 'becuase'. Did you mean 'because'" in said
    assert said.count("'because'") == 1
    assert "two, statement: is missing" in said
    assert "at least 1 item" in said
    assert "number 3, id: is missing" in said
    assert "holds_at" in said


def test_faults_of_sense_come_together_with_their_lines(tmp_path: Path) -> None:
    said = refusal(BAD_SENSE, tmp_path)
    assert "the name stands twice in this claim" in said
    assert "exactly one of" in said and "(seen: outcome and fact)" in said
    assert "line 9, one, id: the id stands in line 3 already" in said
    assert "line 12, one, b: has a test without a reason" in said
    assert "`window:` does not go with `chips:`" in said
    assert "holds_at 0.1 is not above fails_at 0.2" in said
    assert "none of its measures has a `test:`" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (6, "there is no key or fact 'vendor.price'. Did you mean 'vendor.price_usd'"),
        (8, "There is no outcome 'h200_deliverd_cum'. Did you mean 'h200_delivered_cum'"),
        (9, "'2026-13' is not a month"),
        (10, "Unknown fact 'import.demand.orders'. Did you mean"),
        (11, "Unknown chip 'H2000'. Did you mean"),
        (12, "`by:` wants one of arithmetic"),
        (13, "There is no scenario 'no-import'. Did you mean 'no-imports'"),
        (14, "there is no key 'china.ratoi'. Did you mean 'china.ratio'"),
        (15, "there is no event 'us_gate closed'. Did you mean"),
        (16, "there is no sector 'health'. Did you mean 'healthcare'"),
        (17, "there is no stake 'revenue'."),
        (18, "there is no input 'vendor.prize_usd'. Did you mean 'vendor.price_usd'"),
        (19, "the rules have no parameter 'china.ratio'. Did you mean"),
        (20, "There is no buyer 'bytedanse'. Did you mean 'bytedance'"),
        (21, "there is no declaration 'kcy'. Did you mean 'kyc'"),
        (22, "the test 'more than 1' cannot be read. Wanted: `> 200000`"),
        (23, "the test 'by 2026-12' wants a number"),
        (24, "is in usd_bn, which cannot be set against units"),
        (25, "one cannot pass the other"),
    ],
)
def test_a_test_that_names_nothing_is_refused(line: int, said: str, refused: str) -> None:
    about = [part for part in re.split(r"\n  \d+\. ", refused) if f"line {line}, " in part]
    assert about, refused
    assert said in " ".join(about), about


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> str:
    return refusal(BAD_NAMES, tmp_path_factory.mktemp("names"))


def test_every_one_of_them_is_told_at_once(refused: str) -> None:
    assert "(19 faults)" in refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty. Wanted: `title:` and a list under `claims:`"),
        ("claims: []\ntitle: T\n", "at least 1 item"),
        ("- a\n", "has no keys"),
        ("claims: {a: 1}\ntitle: T\n", "valid list"),
        ("title: T\nclaims: [text]\n", "wants fields as `name: value` lines"),
    ],
)
def test_a_file_without_claims(text: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(text, tmp_path)


def test_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(DataFault, match="line 2: not YAML"):
        judged("claims: [", tmp_path)


BESIDE = """\
title: Mine
claims:
  - id: one
    statement: S
    because: B
    about:
      - {name: file, outcome: h200_backlog, against: other.yaml, test: '> 1'}
      - {name: elsewhere, outcome: h200_backlog, against: ../scenarios/no-imports, test: '> 1'}
      - {name: price, outcome: h200_backlog, against: {set: {vendor.price_usd: 9_000}}, test: '> 1'}
      - {name: seed, event: us_gate_closed, of: {set: {seed: 3}}, test: by 2026-12}
      - {name: shipped, outcome: h200_backlog, against: no-imports, test: '> 1'}
      - {name: one more, outcome: h200_backlog, against: open-door, test: '> 1'}
"""


def test_claims_of_anybody_name_no_file_no_other_draws_and_few_runs(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("title: Other\ninherits: no-imports\n", encoding="utf-8")
    plan = plan_for()
    plan.folder, plan.most_runs = None, 3
    with pytest.raises(ScenarioFault) as refused:
        judged(BESIDE, tmp_path, plan)
    parts = re.split(r"\n  \d+\. ", str(refused.value))[1:]
    wanted = {
        "line 7": "There is no shipped scenario 'other.yaml'",
        "line 8": "There is no shipped scenario '../scenarios/no-imports'. Did you mean 'no-imports'",
        "line 10": "has seed 3",
        "line 12": "one run more than the 3 that claims may need here",
    }
    assert len(parts) == len(wanted)
    for part, (line, said) in zip(parts, wanted.items(), strict=True):
        assert f"{line}, " in part and said in part
