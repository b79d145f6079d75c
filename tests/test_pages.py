"""What the pages say is what the program does: README commands run, examples load, the guide is not stale."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from dualtrack import cli, run
from dualtrack.commands import guide
from dualtrack.results.summary import summarise
from dualtrack.session import load_book, load_scenario

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "docs/orders.md",
    "docs/allocate.md",
    "docs/audit.md",
    "docs/compare.md",
    "docs/drivers.md",
    "docs/claims.md",
    "docs/backtests.md",
    "docs/sweep.md",
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALL = ["--paths", "8", "--months", "18"]
# A block with a name in its first line (or a ledger) is the file of that name.
FILES = re.compile(r"```(?:yaml\n# (\S+\.yaml)[^\n]*\n|csv\n(?=date,))(.*?)```", flags=re.S)


def commands() -> list[object]:
    """Every command in a plain block of a page; `# exit 1` after it says that the answer is no."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in re.findall(r"```\n(.*?)```", text, flags=re.S):
            for line in block.splitlines():
                # A server does not end by itself; tests/web has its own.
                if line.startswith("dualtrack ") and not line.startswith("dualtrack serve"):
                    command, _, remark = line.partition("#")
                    code = 1 if remark.strip().startswith("exit 1") else 0
                    # A > inside quotes is part of a conclusion, not where the output goes.
                    shown = re.split(r'>(?=[^"]*$)', command)[0].strip()
                    found.append(pytest.param(page, shown, code, id=f"{page}: {shown}"))
    return found


def test_the_pages_have_commands() -> None:
    assert len(commands()) >= 20


@pytest.fixture(scope="module")
def saved_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run's folder, made once."""
    out = tmp_path_factory.mktemp("pages") / "out"
    with pytest.MonkeyPatch.context() as patched:
        _call(patched, ["dualtrack", "run", *SMALL, "--out", str(out)])
    return out


@pytest.mark.parametrize(("page", "command", "code"), commands())
def test_a_command_of_a_page_runs(
    page: str,
    command: str,
    code: int,
    saved_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for name, text in FILES.findall((ROOT / page).read_text(encoding="utf-8")):
        (tmp_path / (name or "ledger.csv")).write_text(text.strip() + "\n", encoding="utf-8")
    words = shlex.split(command)
    if words[1] in ("brief", "audit") or "out" in words[2:-1]:
        shutil.copytree(saved_run, tmp_path / "out")
    if words[1] in ("run", "compare", "claims") and "--keys" not in words:
        words = [word for word in words if word not in ("--paths", "50000", "2000", "--workers", "2")] + SMALL
    if words[1] == "backtest":
        words += ["--paths", "40"]
    if words[1] == "sweep":
        words = [word for word in words if word not in ("--workers", "2")] + SMALL
        words = [re.sub(r":(\d+)$", ":3", word) for word in words]
    if words[1] == "drivers":
        words += ["--base", "2", "--paths", "60", "--months", "18" if "2026-10" in command else "36"]
    _call(monkeypatch, words, code)
    assert capsys.readouterr().out


def test_the_order_of_the_guide_is_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in FILES.findall((ROOT / "docs/orders.md").read_text(encoding="utf-8")):
        (tmp_path / (name or "ledger.csv")).write_text(text.strip() + "\n", encoding="utf-8")
    _call(monkeypatch, ["dualtrack", "decide", str(tmp_path / "order.yaml"), "--json"])
    decided = json.loads(capsys.readouterr().out)
    assert decided["order"]["declarations"] == {"kyc": True, "third_party_test": True}
    assert decided["headroom"]["us.share_limit"]["units"] == 1_000_000 - 40_000


def _call(monkeypatch: pytest.MonkeyPatch, words: list[str], code: int = 0) -> None:
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code


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
def test_the_verdicts_of_the_guide_are_those_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _call(monkeypatch, ["dualtrack", "claims", "--json"])
    found = {one["id"]: one["verdict"] for one in json.loads(capsys.readouterr().out)["claims"]}
    page = (ROOT / "docs/claims.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([\w-]+)` \| .*? \| ([a-z ]+) \|", page, flags=re.M)) == found


@pytest.mark.slow
def test_the_answers_of_the_guide_are_those_of_a_run() -> None:
    text = guide.PAGE.read_text(encoding="utf-8")
    now = guide.with_parts(text, {guide.ANSWERS: guide.answers(summarise(run()))})
    numbers = re.compile(r"\d[\d,]*(?:\.\d+)?")
    assert numbers.sub("#", now) == numbers.sub("#", text)
    for shown, found in zip(numbers.findall(text), numbers.findall(now), strict=True):
        # Machines differ in the last bit, which tips a number that lies between two roundings.
        last_place = 10.0 ** -len(shown.partition(".")[2])
        assert float(found.replace(",", "")) == pytest.approx(
            float(shown.replace(",", "")), abs=1.01 * last_place, rel=1e-4
        )


def test_a_stale_page_is_told() -> None:
    text = guide.PAGE.read_text(encoding="utf-8").replace("| `us.gate_start` |", "| `us.gate` |")
    assert guide.with_parts(text, guide.generated_parts()) != text
