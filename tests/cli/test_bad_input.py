"""A wrong input gets one message on standard error and exit 2; nothing is printed and nothing is written."""

import pytest
from tests.cli.helpers import dualtrack, expect_refusal


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder that holds an earlier result."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_text('{"kept": true}', encoding="utf-8")
    (out / "result.nc").write_bytes(b"an earlier result")
    (out / "mine.txt").write_text("notes", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(place, words, *wanted):
    return expect_refusal(place, lambda: dualtrack(*words), *wanted)


RUN = ("run", "--json", "--out", "out", "--paths", "20")  # few, in case it is not refused

ONE_FAULT = {
    "scenario": (("h200-truse",), ["h200-truse", "Did you mean 'h200-truce'?"]),
    "scenario, none near": (("zzz",), ["zzz", "h200-truce", "sudden-stop"]),
    "scenario file missing": (("nowhere.yaml",), ["nowhere.yaml"]),
    "key": (("--set", "chian.ratio=1"), ["chian.ratio", "Did you mean 'china.ratio'"]),
    "key, none near": (("--set", "qqq=1"), ["qqq", "dualtrack run --keys"]),
    "chip": (("--set", "vendor.chip=h-200"), ["h-200", "Did you mean 'h200'"]),
    "buyer": (("--buyer", "tencnet"), ["tencnet", "Did you mean 'tencent'", "research"]),
    "choice": (("--set", "china.gate_start=opne"), ["opne", "Did you mean 'open'", "rationed"]),
    "switch": (("--set", "china.ratio_everywhere=maybe"), ["maybe", "yes", "no"]),
    "text for a number": (("--set", "china.ratio=many"), ["china.ratio", "many", "not a number"]),
    "nan for a number": (("--set", "china.ratio=nan"), ["china.ratio", "nan"]),
    "infinity for a number": (("--set", "china.ratio=inf"), ["china.ratio", "inf", "0 to 20"]),
    "a fraction of a whole number": (("--set", "us.notice_months=1.5"), ["us.notice_months", "1.5"]),
    "low above high": (("--set", "china.ratio=2:1:0.5"), ["china.ratio", "2, 1, 0.5"]),
    "mid above high": (("--set", "china.ratio=0:3:2"), ["china.ratio", "0, 3, 2"]),
    "a range of two": (("--set", "china.ratio=1:2"), ["1:2", "low:mid:high"]),
    "probability above 1": (("--set", "demand.realism=1.4"), ["demand.realism", "1.4", "0 to 1"]),
    "probability below 0": (("--set", "demand.realism=-0.1"), ["demand.realism", "-0.1", "0 to 1"]),
    "a range that leaves its bounds": (("--set", "demand.realism=0.5:0.8:1.1"), ["1.1", "0 to 1"]),
    "no equals sign": (("--set", "china.ratio"), ["china.ratio", "KEY=VALUE"]),
    "no value": (("--set", "china.ratio="), ["china.ratio", "KEY=VALUE"]),
    "no key": (("--set", "=1"), ["KEY=VALUE"]),
    "month as year": (("--set", "us.revocation=2026"), ["2026", "YYYY-MM"]),
    "month 13": (("--set", "us.revocation=2026-13"), ["2026-13", "YYYY-MM"]),
    "months backwards": (("--set", "us.revocation=2026-12..2026-05"), ["2026-12..2026-05", "before"]),
    "revocation outside the run": (("--set", "us.revocation=2031-01"), ["2031-01", "2026-02", "2029-01"]),
    "no paths": (("--paths", "0"), ["paths", "0", "1 to 10,000,000"]),
    "far too many paths": (("--paths", str(10**12)), ["paths", "10,000,000"]),
    "paths as text": (("--paths", "abc"), ["paths", "abc"]),
    "no months": (("--months", "0"), ["months", "1 to 60"]),
    "past the data": (("--months", "61"), ["months", "61", "1 to 60", "facts"]),
    "seed below 0": (("--seed", "-1"), ["seed", "-1"]),
    "start after the data": (("--set", "start=2027-01"), ["start", "2027-01", "2026-02"]),
    "known_by that is no date": (("--set", "known_by=soon"), ["known_by", "soon"]),
    "outcome": (("--exceed", "h200_deliverd_cum=1"), ["h200_deliverd_cum", "h200_delivered_cum"]),
    "period past the run": (("--exceed", "h200_delivered_cum=1@2031-01"), ["2031-01"]),
    "calendar quarter of a fiscal outcome": (
        ("--exceed", "nvidia_china_ai_revenue=1@2026Q2"),
        ["2026Q2", "fiscal"],
    ),
    "bound as text": (("--exceed", "h200_delivered_cum=lots"), ["lots", "not a number"]),
    "bound nan": (("--exceed", "h200_delivered_cum=nan"), ["nan"]),
    "bound infinite": (("--exceed", "h200_delivered_cum=inf"), ["inf"]),
    "no bound": (("--exceed", "h200_delivered_cum"), ["h200_delivered_cum", "NAME=VALUE"]),
    "backend": (("--backend", "bogus"), ["bogus", "numpy", "jax"]),
    "format": (("--format", "bogus"), ["bogus", "nc", "zarr"]),
    "no workers": (("--workers", "0"), ["workers", "0"]),
    "far too many workers": (("--workers", "1000"), ["workers", "1000", "256"]),
    "workers as text": (("--workers", "many"), ["workers", "many"]),
    "no chunk": (("--chunk", "0"), ["chunk", "0"]),
    "chunk as text": (("--chunk", "many"), ["chunk", "many"]),
    "facts missing": (("--facts", "nowhere.yaml"), ["nowhere.yaml"]),
    "an option that is none": (("--bogus",), ["--bogus"]),
    "one argument too many": (("h200-truce", "open-door"), ["open-door"]),
}


@pytest.mark.parametrize("case", ONE_FAULT)
def test_a_wrong_input_to_run_is_refused_with_one_message(place, case):
    words, wanted = ONE_FAULT[case]
    refused(place, (*RUN, *words), *wanted)


@pytest.mark.parametrize("words", [(), ("bogus",), ("brief",), ("cite",), ("facts", "--bogus")])
def test_a_command_line_that_cannot_be_read_is_an_error_with_usage(place, words):
    answer = dualtrack(*words)
    assert answer.code == 2, answer.err[-500:]
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert "Usage:" in answer.err


def test_the_name_of_a_command_mistyped_gives_the_nearest(place):
    assert "run" in refused(place, ("rnu",), "rnu")


def test_several_faults_are_told_together(place):
    words = ("--set", "chian.ratio=1", "--set", "demand.realism=1.4", "--set", "vendor.chip=h-200")
    text = refused(place, (*RUN, *words), "3 faults", "chian.ratio", "1.4", "h-200")
    assert [f"{n}." in text for n in (1, 2, 3)] == [True] * 3


def test_several_faults_of_the_run_itself_are_told_together(place):
    words = ("--paths", "0", "--months", "61", "--seed", "x", "--set", "china.ratio")
    refused(place, (*RUN, *words), "4 faults", "paths", "months", "seed", "china.ratio")


def test_a_fault_in_the_keys_and_one_in_the_run_are_told_together(place):
    refused(place, (*RUN, "--paths", "0", "--set", "chian.ratio=1"), "paths", "chian.ratio")


def test_a_decreed_window_that_never_meets_the_run_is_refused(place):
    words = ("--months", "3", "--set", "us.revocation=2031-01..2031-06")
    refused(place, (*RUN, *words), "us.revocation", "2031-01")


def test_a_rate_below_zero_is_no_rate(place):
    # -1 alone has a meaning of its own, "counted from the events".
    words = ("--months", "3", "--set", "us.hazard.close=-0.5")
    refused(place, (*RUN, *words), "us.hazard.close", "-0.5")


def test_a_start_before_the_rules_that_the_run_asks_for_says_so(place):
    words = ("--months", "3", "--set", "start=2025-06")
    refused(place, (*RUN, *words), "start", "2025-06")


# -- where the result should go


def test_out_may_not_be_a_file(place):
    (place / "file").write_text("x", encoding="utf-8")
    refused(place, ("run", "--json", "--paths", "20", "--months", "3", "--out", "file"), "file", "folder")


def test_out_may_not_lie_below_a_file(place):
    (place / "file").write_text("x", encoding="utf-8")
    refused(place, ("run", "--json", "--paths", "20", "--months", "3", "--out", "file/out"), "file/out")


def test_out_may_not_lie_where_nothing_can_be_written(place):
    refused(place, ("run", "--json", "--paths", "20", "--months", "3", "--out", "/proc/x"), "/proc/x")


def test_an_out_that_cannot_be_written_is_found_before_the_work(place):
    # A million paths would take minutes; the refusal comes at once.
    refused(place, ("run", "--json", "--paths", "1_000_000", "--out", "/proc/x"), "/proc/x")


def test_a_refused_run_makes_no_folder_on_the_way_to_its_output(place):
    refused(place, ("run", "--json", "--workers", "0", "--out", "new/deep/out"), "workers")


# -- saved results


DAMAGED = {
    "missing": None,
    "empty": b"",
    "text": b"not a result at all\n" * 20,
    "HDF5 in its first bytes only": b"\x89HDF\r\n\x1a\n" + b"\0" * 200,
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_brief_of_no_result_is_refused(place, kind):
    path = place / "saved.nc"
    if DAMAGED[kind] is not None:
        path.write_bytes(DAMAGED[kind])
    refused(place, ("brief", path, "--out", "out"), "saved.nc", "--out")


def test_a_brief_of_a_folder_without_a_result_names_that_folder(place):
    (place / "elsewhere").mkdir()
    refused(place, ("brief", "elsewhere"), "elsewhere", "dualtrack run --out elsewhere")


def test_a_brief_of_a_folder_that_is_not_there_says_how_to_make_it(place):
    refused(place, ("brief", "nowhere"), "dualtrack run --out nowhere")


# -- the user's own facts


def test_unsound_facts_are_listed_with_their_lines(place):
    (place / "mine.yaml").write_text(
        "nvidia.inventory.h200.2025_12:\n"
        "  what: H200 in stock\n"
        "  unit: bananas\n"
        "  value: 1000\n"
        "  on: 2025-12-31\n"
        "  known_by: 2025-12-31\n"
        "  source: nobody\n"
        "  confidence: medium\n"
        "mine.other:\n"
        "  what: Something\n"
        "  unit: units\n"
        "  value: 3\n"
        "  on: 2025-12-31\n"
        "  known_by: whenever\n"
        "  source: tredu_2025_12_31\n"
        "  confidence: certain\n",
        encoding="utf-8",
    )
    lines = ("line 3", "line 7", "line 14", "line 16")
    text = refused(place, (*RUN, "--facts", "mine.yaml"), "4 faults", "bananas", "nobody", "certain", *lines)
    assert text.count("mine.yaml") >= 4
    refused(place, ("facts", "h200", "--facts", "mine.yaml", "--json"), "4 faults", *lines)
    refused(place, ("cite", "mine.other", "--facts", "mine.yaml"), "4 faults", *lines)


def test_facts_that_are_not_yaml_are_refused_with_the_line(place):
    (place / "mine.yaml").write_text("a:\n  what: [1\nb: 2\n", encoding="utf-8")
    refused(place, (*RUN, "--facts", "mine.yaml"), "mine.yaml", "line 3", "not YAML")
