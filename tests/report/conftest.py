import copy
import json
from types import SimpleNamespace

import pytest

from dualtrack.report.brief import build_brief
from dualtrack.results.summary import summarise
from dualtrack.session import run


def made(scenario, **options):
    dataset = run(scenario, **options)
    return SimpleNamespace(
        document=summarise(dataset),
        settings=json.loads(dataset.attrs["settings"]),
        names={
            "buyer_names": json.loads(dataset.attrs["buyer_names"]),
            "sealed_names": json.loads(dataset.attrs["sealed_names"]),
        },
    )


@pytest.fixture(scope="session")
def truce():
    return made("h200-truce", paths=64, months=14, changes=["china.ratio=1"])


@pytest.fixture(scope="session")
def twin():
    return made("no-imports", paths=64, months=14)


@pytest.fixture(scope="session")
def undefined(truce):
    """The truce with an outcome that is undefined in every path and month, as the gap in months can be."""
    document = copy.deepcopy(truce.document)
    for name in ("compute_gap_months", "domestic_packages"):
        for periods in ("by_month", "by_quarter"):
            for found in document["outcomes"][name][periods].values():
                for level in ("mean", "p_zero", "p05", "p10", "p25", "p50", "p75", "p90", "p95"):
                    found[level] = None
                found["p_undefined"] = 1.0
    return SimpleNamespace(document=document, settings=truce.settings, names=truce.names)


@pytest.fixture(scope="session")
def briefs(truce, twin, undefined):
    return {
        name: build_brief(part.document, part.settings, **part.names)
        for name, part in (("truce", truce), ("twin", twin), ("undefined", undefined))
    }


@pytest.fixture(scope="session")
def sealed(truce):
    return build_brief(truce.document, truce.settings, sealed=True, **truce.names)
