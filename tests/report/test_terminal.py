import copy
import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from dualtrack.report.headline import headline
from dualtrack.report.numbers import quantity
from dualtrack.report.terminal import print_buyer, print_exceedance, print_summary


def printed(function, *args, width):
    """What a function prints; the console is its second argument in a summary, its last otherwise."""
    out = io.StringIO()
    console = Console(file=out, width=width)
    place = 1 if function is print_summary else len(args)
    function(*args[:place], console, *args[place:])
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("case", ["truce", "twin", "undefined"])
def test_the_summary_fits_and_holds_its_numbers(case, width, request):
    document = request.getfixturevalue(case).document
    text = printed(print_summary, document, {"result.nc": Path("/tmp/out/result.nc")}, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text and "[bold]" not in text and "…" not in text
    assert "/tmp/out/result.nc" in text and "Any delivery" in text
    for row in headline(document):
        for cell in row.cells:
            assert quantity(cell.found["p50"], row.unit, with_unit=False) in text


def test_marks_stay_within_the_run(truce):
    text = printed(print_summary, truce.document, {}, width=160)
    assert "12 months" in text and "24 months" not in text
    assert "Files" not in text


def test_a_cell_of_another_quarter_is_marked_and_explained(truce):
    document = copy.deepcopy(truce.document)
    document["outcomes"]["domestic_packages"]["by_quarter"]["2027Q1"] |= {"partial": True, "months": 1}
    text = printed(print_summary, document, {}, width=160)
    assert "* 2026Q4; the run holds 1 of the 3 months of 2027Q1" in text


@pytest.mark.parametrize("width", [100, 160])
def test_a_buyer_sees_what_it_gets_and_owes(truce, width):
    text = printed(print_buyer, truce.document, "alibaba", width=width)
    assert "alibaba" in text and "Domestic chips still owed" in text and "MW" in text
    assert max(map(len, text.splitlines())) <= width


def test_exceedance_is_said_as_a_probability():
    row = {
        "outcome": "h200_delivered_cum",
        "value": 1e5,
        "unit": "units",
        "period": "2026-12",
        "probability": 0.13,
    }
    text = printed(print_exceedance, [row], width=100)
    assert "13 %" in text and "h200_delivered_cum > 100k units in 2026-12" in text


def test_the_terminal_does_not_load_the_charts():
    code = "import sys, dualtrack.report.terminal, dualtrack.report.charts; print('altair' in sys.modules, 'vl_convert' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
