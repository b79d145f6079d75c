"""What the pages say is what the program does: README commands run, examples load, the guide is not stale."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from dualtrack import cli, run
from dualtrack.commands import guide
from dualtrack.results.summary import summarise
from dualtrack.session import load_book, load_scenario

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split("#")[0].split(">")[0].strip()
    for block in re.findall(r"```\n(.*?)```", README, flags=re.S)
    for line in block.splitlines()
    if line.startswith("dualtrack ")
]
SMALL = ["--paths", "8", "--months", "18"]


def test_the_readme_has_commands() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)
    if words[1] == "brief":
        _call(monkeypatch, ["dualtrack", "run", *SMALL, "--out", "out"])
    if words[1] == "run" and "--keys" not in words:
        words = [word for word in words if word not in ("--paths", "50000", "--workers", "2")] + SMALL
    _call(monkeypatch, words)
    assert capsys.readouterr().out


def _call(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0


def _yaml_block(first_line: str) -> str:
    found = re.search(rf"```yaml\n# {re.escape(first_line)}.*?```", README, flags=re.S)
    assert found
    return found[0].removeprefix("```yaml\n").removesuffix("```")


def test_the_scenario_of_the_readme_loads(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(_yaml_block("mine.yaml"), encoding="utf-8")
    assert load_scenario(str(path), load_book()).changed["china.ratio"] == "mine"


def test_the_facts_of_the_readme_load(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(_yaml_block("facts.yaml"), encoding="utf-8")
    assert load_book((path,)).get("nvidia.inventory.h200.2025_12").number == 550_000


def test_the_tables_of_the_guide_are_those_of_the_data() -> None:
    assert guide.check_pages() == []


@pytest.mark.slow
def test_the_answers_of_the_guide_are_those_of_a_run() -> None:
    text = guide.PAGE.read_text(encoding="utf-8")
    assert guide.with_parts(text, {guide.ANSWERS: guide.answers(summarise(run()))}) == text


def test_a_stale_page_is_told() -> None:
    text = guide.PAGE.read_text(encoding="utf-8").replace("| `us.gate_start` |", "| `us.gate` |")
    assert guide.with_parts(text, guide.generated_parts()) != text
