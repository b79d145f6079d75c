"""One xarray Dataset for a run, saved and reopened without loss, with the manifest of what it stands on."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dualtrack.errors import ResultFault
from dualtrack.months import month_label
from dualtrack.results.folder import staging, write_all, write_one
from dualtrack.results.outputs import outputs_table
from dualtrack.rules.states import CHINA_STATES, US_STATES
from dualtrack.scenarios.keys import KeyEntry, load_keys
from dualtrack.scenarios.resolve import COUNTED
from dualtrack.scenarios.scenario import origins
from dualtrack.scenarios.specs import Alternatives, Fixed, Months, Spec, Spread
from dualtrack.simulate.binding import REASONS
from dualtrack.simulate.run import Gathered
from dualtrack.version import __version__

if TYPE_CHECKING:
    import xarray as xr

COUNT_AXES = {
    "us_gate": ("us_state", US_STATES),
    "china_gate": ("china_state", CHINA_STATES),
    "binding": ("reason", REASONS),
}
OPENING = "opening_"
BUYER = "buyer_"
COUNT = "paths_"
FORMAT = 1
RESULT_NAMES = ("result.nc", "result.zarr")


def to_dataset(gathered: Gathered, facts_digest: str, sources: list[dict[str, Any]]) -> xr.Dataset:
    """Label everything: dims month, path, buyer, and the states of counts."""
    import xarray as xr

    scenario = gathered.task.model.scenario
    buyers = gathered.task.model.buyers
    table = outputs_table()
    variables: dict[str, Any] = {}
    for name, array in gathered.totals.items():
        row = table[name]
        variables[name] = (
            ("month", "path"),
            array,
            {"units": row.unit, "kind": row.kind, "quarters": row.quarters, "long_name": row.meaning},
        )
    for name, array in gathered.buyers.items():
        variables[BUYER + name] = (("month", "buyer", "path"), array)
    for name, array in gathered.opening.items():
        variables[OPENING + name] = (("path",), array)
    coordinates: dict[str, Any] = {
        "month": scenario.month_labels,
        "buyer": [buyer.id for buyer in buyers],
        "path": np.arange(scenario.paths),
    }
    for name, array in gathered.counts.items():
        if name in COUNT_AXES:
            axis, labels = COUNT_AXES[name]
            variables[COUNT + name] = (("month", axis), array.astype(np.int64))
            coordinates[axis] = list(labels)
        else:
            variables[COUNT + name] = (("month",), array.astype(np.int64))
    return xr.Dataset(variables, coords=coordinates, attrs=_attributes(gathered, facts_digest, sources))


def _attributes(gathered: Gathered, facts_digest: str, sources: list[dict[str, Any]]) -> dict[str, Any]:
    model = gathered.task.model
    scenario = model.scenario
    manifest = {
        "version": __version__,
        "facts_sha256": facts_digest,
        "scenario_text": scenario.text,
        "seed": scenario.seed,
        "known_by": scenario.known_by.isoformat(),
        "chip": scenario.chip.id,
        "hazards": _hazards(gathered),
    }
    return {
        "format": FORMAT,
        "scenario": scenario.name,
        "title": scenario.title,
        "why": scenario.why,
        "known_by": scenario.known_by.isoformat(),
        "paths": scenario.paths,
        "seed": scenario.seed,
        "backend": gathered.task.backend,
        "seconds_simulation": gathered.seconds,
        "chip": scenario.chip.id,
        "chip_name": scenario.chip.name,
        "buyer_names": json.dumps({b.id: b.name for b in model.buyers}),
        "sealed_names": json.dumps({b.id: b.sealed_name for b in model.buyers}),
        "manifest": json.dumps(manifest),
        "settings": json.dumps(settings_table(gathered)),
        "sources": json.dumps(sources),
    }


def _hazards(gathered: Gathered) -> dict[str, Any]:
    return {
        gate: {
            "closings": record.close_count,
            "months_open": round(record.close_months, 2),
            "openings": record.open_count,
            "months_shut": round(record.open_months, 2),
            "tightening_steps": record.tighten_steps,
            "loosening_steps": record.loosen_steps,
            "months_covered": round(record.step_months, 2),
            "events": list(record.event_ids),
        }
        for gate, record in gathered.task.model.records.items()
    }


def settings_table(gathered: Gathered) -> list[dict[str, Any]]:
    """Every key of the run: value, unit, meaning, facts or assumption, who changed it."""
    scenario = gathered.task.model.scenario
    keys = load_keys()
    rows = []
    for name, spec in scenario.settings.items():
        entry = keys[name].entry
        found = origins(spec)
        rows.append(
            {
                "key": name,
                "what": entry.what,
                "unit": entry.unit,
                "value": describe(spec, entry, scenario.chip.id),
                "facts": list(dict.fromkeys(fact for origin in found for fact in origin.facts)),
                "assumption": " ".join(o.assumption for o in found if o.assumption) or None,
                "note": found[0].note,
                "confidence": found[0].confidence,
                "changed_by": scenario.changed.get(name),
                "uncertain": spec.is_uncertain,
            }
        )
    return rows


def describe(spec: Spec, entry: KeyEntry, chip: str) -> Any:
    """A value in plain data: a number, a name, [low, mid, high], or named alternatives."""
    if isinstance(spec, Alternatives):
        whole = sum(spec.weights)
        return {
            name: {"weight": weight / whole, "value": describe(part, entry, chip)}
            for name, weight, part in zip(spec.names, spec.weights, spec.specs, strict=True)
        }
    if isinstance(spec, Spread):
        return [spec.range.low, spec.range.mid, spec.range.high]
    if isinstance(spec, Months):
        return f"{month_label(spec.first)}..{month_label(spec.last)}"
    if isinstance(spec, Fixed):
        if entry.counted and spec.value == COUNTED:
            return "counted"
        if entry.kind == "chip":
            return chip
        if entry.kind == "choice":
            return entry.options[int(spec.value)]
        if entry.kind == "switch":
            return bool(spec.value)
        if entry.kind == "month":
            return None if np.isnan(spec.value) else month_label(int(spec.value))
        return spec.value
    return {"beta": [0.5 + spec.successes, 0.5 + spec.failures]}


def save(dataset: xr.Dataset, path: Path) -> None:
    """Write NetCDF (`.nc`), or Zarr (`.zarr`, extra `zarr`)."""
    if path.suffix == ".zarr":
        dataset.to_zarr(path, mode="w", consolidated=False)
        return
    encoding = {
        name: {"zlib": True, "complevel": 1, "shuffle": True}
        for name, array in dataset.data_vars.items()
        if array.size > 10_000
    }
    _claim_room(path, dataset.nbytes)
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def _claim_room(path: Path, size: int) -> None:
    """Fail now where the file cannot be written: HDF5 crashes at exit when it runs out of room on the way.

    Raises:
        OSError: There is no room for `size` bytes, or a file may not be that large.
    """
    if hasattr(os, "posix_fallocate"):
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        path.unlink()
    elif shutil.disk_usage(path.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def find_result(path: Path) -> Path:
    """The file of a saved result: the path itself, or what lies in the folder.

    Raises:
        ResultFault: There is none.
    """
    file = path
    if path.is_dir() and path.suffix != ".zarr":
        file = next((path / name for name in RESULT_NAMES if (path / name).exists()), path / RESULT_NAMES[0])
    if not file.exists():
        raise ResultFault(f"There is no saved result at {file}.\n  Make one with: dualtrack run --out {path}")
    return file


def set_attribute(path: Path, name: str, text: str) -> None:
    """Set one attribute of a saved result; every number in it stays as it is, bit by bit.

    The file is copied, changed and moved into place, so that a fault leaves what stood there.

    Raises:
        ResultFault: It cannot be written.
    """
    path = find_result(path)
    if path.suffix != ".zarr":
        write_one(path, lambda place: _set_in_netcdf(path, place, name, text))
        return
    with staging(path.parent) as place:
        write_all(path.parent, place, {path.name: lambda copy: _set_in_zarr(path, copy, name, text)})


def _set_in_netcdf(source: Path, place: Path, name: str, text: str) -> None:
    import h5netcdf

    shutil.copyfile(source, place)
    with h5netcdf.File(place, "a") as file:
        file.attrs[name] = text


def _set_in_zarr(source: Path, place: Path, name: str, text: str) -> None:
    import zarr

    shutil.copytree(source, place)
    zarr.open_group(place, mode="a").attrs[name] = text


def open_result(path: Path, variables: Collection[str] | None = None) -> xr.Dataset:
    """Reopen a saved result: the file, or the folder that holds `result.nc`.

    Args:
        variables: Read these alone, as far as it has them; coordinates and attributes always come with it.

    Raises:
        ResultFault: There is none, it is damaged, or it was not written by dualtrack.
    """
    import xarray as xr

    path = find_result(path)
    try:
        if path.suffix == ".zarr":
            dataset: xr.Dataset = _narrowed(xr.open_zarr(path, consolidated=False), variables).load()
        else:
            with xr.open_dataset(path, engine="h5netcdf") as opened:
                dataset = _narrowed(opened, variables).load()
        attributes: Mapping[Any, Any] = dataset.attrs
        json.loads(attributes["manifest"])
        if int(attributes["format"]) != FORMAT:
            raise ResultFault(
                f"{path} has format {attributes['format']}; this version reads {FORMAT}. Run it again."
            )
    except ResultFault:
        raise
    except Exception as error:
        # Readers of damaged files raise whatever they run into.
        raise ResultFault(
            f"{path} is damaged or is not a dualtrack result ({type(error).__name__}).\n"
            "  Run the scenario again with --out, or give another file."
        ) from error
    return dataset


def _narrowed(dataset: xr.Dataset, variables: Collection[str] | None) -> xr.Dataset:
    if variables is None:
        return dataset
    return dataset.drop_vars([name for name in dataset.data_vars if name not in variables])
