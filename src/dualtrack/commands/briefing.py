"""`dualtrack brief`: the report of a saved run, with the studies that belong to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualtrack.audit.rebuild import faults_of_origin, split_text
from dualtrack.commands.output import console, print_json
from dualtrack.commands.typed import progress_bar
from dualtrack.errors import DualtrackError, Fault, ResultFault, ScenarioFault, nearest, raise_gathered
from dualtrack.facts.book import load_book
from dualtrack.parallel import Where
from dualtrack.results.dataset import open_result
from dualtrack.results.folder import Writer, staging, write_all
from dualtrack.results.summary import summarise
from dualtrack.scenarios.files import read_chain, shipped_scenarios
from dualtrack.scenarios.scenario import DEFAULT, load_scenario
from dualtrack.version import __version__

if TYPE_CHECKING:
    import xarray as xr

    from dualtrack.report.study_page import StudyPart

Document = dict[str, Any]
Found = Mapping[str, Any]
TWIN = "no-imports"
# A sweep has no settings of its own to fall back on, so it is taken where it was saved beside the result.
STUDIES = ("compare", "drivers", "claims", "backtest", "sweep")


@dataclass(frozen=True)
class Origin:
    """The run that a brief is about, as its manifest tells it.

    Attributes:
        scenario: Name of a shipped scenario, or its file; `name` is the name alone.
        changes: `KEY=VALUE` typed for it.
        options: Paths, seed and months of the run.
    """

    scenario: str
    name: str
    changes: tuple[str, ...]
    options: Mapping[str, Any]
    facts: tuple[Path, ...]


def brief(
    result: Path,
    out: Path | None,
    sealed: bool,
    studies: Sequence[str],
    facts: Sequence[Path],
    where: Where,
    as_json: bool,
) -> None:
    """Write the report of a saved result.

    Args:
        studies: Studies to take in: those saved beside the result, others are made.
    """
    asked = _asked(studies)
    dataset = open_result(result)
    document = summarise(dataset)
    beside = result if result.is_dir() and result.suffix != ".zarr" else result.parent
    if sealed and asked:
        raise ScenarioFault(
            "--seal-buyers names no buyer, but studies name them in inputs and sources. Leave out --with, or --seal-buyers."
        )
    folder = out or beside
    with staging(folder) as place:
        found = _documents(asked, dataset, beside, tuple(facts), where) if asked else {}
        made = {f"{name}.json": _json_writer(made) for name, made in found.items()}
        parts = [_part_of(name, study) for name, study in found.items()]
        files = write_all(folder, place, made | brief_writers(dataset, document, sealed, parts))
    if as_json:
        print_json({"files": {name: str(path) for name, path in files.items()}})
        return
    for path in files.values():
        console().print(str(path), soft_wrap=True)


def brief_writers(
    dataset: xr.Dataset, document: Document, sealed: bool, studies: Sequence[StudyPart] = ()
) -> dict[str, Writer]:
    """What writes the two files of a brief."""
    from dualtrack.report.brief import build_brief

    made = build_brief(
        document,
        json.loads(dataset.attrs["settings"]),
        sealed=sealed,
        buyer_names=json.loads(dataset.attrs["buyer_names"]),
        sealed_names=json.loads(dataset.attrs["sealed_names"]),
        studies=studies,
    )
    return {
        "brief.html": lambda path: write_text(path, made.html),
        "brief.md": lambda path: write_text(path, made.markdown),
    }


def write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _json_writer(document: Found) -> Writer:
    from dualtrack.report.study_page import document_text

    return lambda path: write_text(path, document_text(document))


def _asked(studies: Sequence[str]) -> list[str]:
    names = [name.strip() for text in studies for name in text.split(",")]
    faults = [
        Fault(
            f"there is no study {name!r}.{nearest(name, STUDIES)} Wanted: {', '.join(STUDIES)}.", key="--with"
        )
        for name in names
        if name not in STUDIES
    ]
    raise_gathered(faults, ScenarioFault, "The brief cannot take this in.")
    return list(dict.fromkeys(names))


def _documents(
    asked: Sequence[str], dataset: xr.Dataset, beside: Path, facts: tuple[Path, ...], where: Where
) -> dict[str, Document]:
    """Every study's document: that saved beside the result, or made now.

    Raises:
        ResultFault: A saved one is of another scenario, or the run's scenario is not to be had any more.
    """
    origin = _origin(dataset, facts)
    saved = {name: _saved(name, beside, origin) for name in asked}
    # Refused before anything is made, which can take a minute.
    for name, found in saved.items():
        if found is None and name not in _MAKERS:
            raise ResultFault(
                f"There is no {name}.json beside the result, in {beside}, and a {name} needs its keys from you.\n"
                f"  Make one with: dualtrack {name} {origin.scenario} --over KEY=FROM:TO:N --out {beside}"
            )
    return {name: found or _MAKERS[name](origin, where) for name, found in saved.items()}


def _origin(dataset: xr.Dataset, facts: tuple[Path, ...]) -> Origin:
    manifest = json.loads(dataset.attrs["manifest"])
    text = manifest["scenario_text"]
    files, typed = split_text(text)
    name = Path(files[0].label).stem
    scenario = name if name in shipped_scenarios() else files[0].label
    book = load_book(facts)
    # Studies differ from a run of jax by rounding alone, so its backend is no reason to refuse.
    raise_gathered(
        list(faults_of_origin("numpy", manifest, book, "The result")),
        ResultFault,
        "Studies made now would not stand on what the result stands on.",
    )
    options = {
        "paths": int(dataset.attrs["paths"]),
        "seed": int(dataset.attrs["seed"]),
        "months": int(dataset.sizes["month"]),
    }
    changes = tuple(change for change in typed if change.partition("=")[0] not in options)
    try:
        again = load_scenario(scenario, book, changes=changes, run=options).text
    except DualtrackError as error:
        raise ResultFault(
            f"The scenario of the result cannot be read again, so no study of it can be made.\n  {error}"
        ) from None
    if again.partition("# changes\n")[0].strip() != text.partition("# changes\n")[0].strip():
        raise ResultFault(
            f"{scenario} has changed since the run. Run it again with --out, then ask for the brief."
        )
    return Origin(scenario, name, changes, options, facts)


def _saved(study: str, beside: Path, origin: Origin) -> Document | None:
    path = beside / f"{study}.json"
    if not path.is_file():
        return None
    try:
        found: Document = json.loads(path.read_text(encoding="utf-8"))
        kind, version = found["study"], found["version"]
    except (ValueError, KeyError, TypeError):
        raise ResultFault(
            f"{path} is no study of dualtrack's. Move it away, or leave out --with {study}."
        ) from None
    about = [found.get("scenario"), *found.get("scenarios", {}).values()]
    names = {str(one["scenario"]) if isinstance(one, dict) else str(one) for one in about if one}
    again = "Make it again, or move it away and it is made with the brief."
    if kind != study or version != __version__:
        raise ResultFault(f"{path} is a {kind} made with version {version}; this is {__version__}. {again}")
    if names and origin.name not in names:
        raise ResultFault(
            f"{path} is about {', '.join(sorted(names))}; the result is of {origin.name}. {again}"
        )
    if names and found.get("seed") != origin.options["seed"]:
        raise ResultFault(
            f"{path} has seed {found.get('seed')}; the result has {origin.options['seed']}. {again}"
        )
    return found


def _part_of(study: str, document: Document) -> StudyPart:
    from dualtrack.report.backtest_page import backtest_part
    from dualtrack.report.claims_part import claims_part
    from dualtrack.report.compare_part import compare_part
    from dualtrack.report.drivers_part import drivers_part
    from dualtrack.report.sweep_part import sweep_part

    parts: Mapping[str, Callable[[Document], StudyPart]] = {
        "compare": compare_part,
        "drivers": drivers_part,
        "claims": claims_part,
        "backtest": backtest_part,
        "sweep": sweep_part,
    }
    return parts[study](document)


def _compare(origin: Origin, where: Where) -> Document:
    from dualtrack.study.compare import compare_at

    with progress_bar("comparing", "blocks of paths") as progress:
        return compare_at(
            [origin.scenario, _twin(origin)],
            changes=origin.changes,
            facts=origin.facts,
            options=origin.options,
            where=where,
            progress=progress,
        )


def _twin(origin: Origin) -> str:
    """The run's own scenario with the settings of the twin without imports; the twin itself where that is the same."""
    settings = {key: entry.value for key, entry in read_chain(TWIN)[0].entry.set.items()}
    touched = {change.partition("=")[0] for change in origin.changes}
    if origin.scenario == DEFAULT and touched.isdisjoint(settings):
        return TWIN
    return f"{origin.scenario}:" + ",".join(f"{key}={value}" for key, value in settings.items())


def _drivers(origin: Origin, where: Where) -> Document:
    from dualtrack.commands.driving import plan_drivers

    planned = plan_drivers(
        origin.scenario, options=origin.options, changes=origin.changes, facts=origin.facts
    )
    return planned.document(where)


def _claims(origin: Origin, where: Where) -> Document:
    from dualtrack.commands.claiming import claims_of

    # With as many paths as claims take anywhere: the shares they ask for need no more.
    options = {name: value for name, value in origin.options.items() if name != "paths"}
    with progress_bar("judging", "blocks of paths") as progress:
        return claims_of(
            origin.scenario,
            None,
            options=options,
            changes=origin.changes,
            facts=origin.facts,
            where=where,
            progress=progress,
        )


def _backtest(origin: Origin, where: Where) -> Document:
    from dualtrack.commands.backtesting import backtest_of

    return backtest_of([], {"paths": None, "seed": None}, facts=origin.facts, where=where)


_MAKERS: Mapping[str, Callable[[Origin, Where], Document]] = {
    "compare": _compare,
    "drivers": _drivers,
    "claims": _claims,
    "backtest": _backtest,
}
