"""`dualtrack sweep` as a user sees it."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.cli.helpers import dualtrack, expect_refusal, strict_json

SMALL = ("--paths", "20", "--months", "6")


def test_one_key_in_words_and_as_json() -> None:
    words = ("sweep", "--over", "china.ratio=0:3:4", *SMALL)
    shown = dualtrack(*words)
    assert (shown.code, shown.err) == (0, "")
    for text in (
        "20 paths at each of 4 points",
        "The frontier of the ratio",
        "own setting",
        "H200 delivered",
    ):
        assert text in shown.out
    document = dualtrack(*words, "--json").document
    assert [point["at"] for point in document["points"]] == [{"china.ratio": str(n)} for n in range(4)]
    assert document["command"] == "dualtrack sweep h200-truce --over china.ratio=0:3:4 --paths 20 --months 6"


def test_a_folder_holds_document_table_page_and_charts(tmp_path: Path) -> None:
    words = (
        "sweep",
        "one-for-one",
        "--over",
        "us.share_limit=0,0.5",
        "--over",
        "china.ratio=0,3",
        "--game",
        *SMALL,
    )
    out = tmp_path / "out"
    answer = dualtrack(*words, "--outcome", "h200_delivered_cum@2026-05", "--out", out)
    assert answer.code == 0, answer.err
    names = {path.name for path in out.iterdir()}
    assert names == {
        *(f"sweep.{kind}" for kind in ("json", "html", "md", "csv")),
        "best_replies.csv",
        *(
            f"sweep-{figure}.{kind}"
            for figure in ("payoffs-us", "payoffs-china", "h200-delivered-cum-2026-05")
            for kind in ("svg", "png")
        ),
    }
    with (out / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["us.share_limit"], row["china.ratio"]) for row in rows] == [
        ("own setting", "own setting"),
        ("0", "0"),
        ("0", "3"),
        ("0.5", "0"),
        ("0.5", "3"),
    ]
    document = strict_json((out / "sweep.json").read_text())
    assert float(rows[4]["mean"]) == document["points"][3]["outcomes"]["h200_delivered_cum@2026-05"]["mean"]
    assert "an assumption" in (out / "sweep.md").read_text()


def test_names_are_swept_as_names(tmp_path: Path) -> None:
    answer = dualtrack(
        "sweep", "--over", "china.ratio_timing=before,with,within", *SMALL, "--out", tmp_path / "out"
    )
    assert answer.code == 0, answer.err
    assert "within" in answer.out


def test_wrong_input_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    def call(*words: str) -> str:
        return expect_refusal(tmp_path, lambda: dualtrack("sweep", *words, *SMALL, "--out", tmp_path / "out"))

    assert "names the key to sweep" in call()
    assert "Did you mean 'china.ratio'" in call("--over", "chian.ratio=0:3:4")
    assert "too large" in call("--over", "china.ratio=0:3:200", "--over", "us.levy_rate=0:0.5:200")
    assert "--workers" in call("--over", "china.ratio=0:3:4", "--workers", "many")
