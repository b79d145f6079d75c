"""The jobs of a study: run wherever asked, kept on disk as they are done, so that a killed study goes on."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np

from dualtrack.errors import ResultFault
from dualtrack.parallel import Where, run_jobs
from dualtrack.results.folder import write_one

Context = TypeVar("Context")
Job = TypeVar("Job")
Arrays = dict[str, np.ndarray]
Progress = Callable[[int, int], None]


class Store:
    """Finished jobs of one study in a folder, each in a file of its own.

    The folder's name carries a digest of everything that the numbers depend on, so jobs of another study, of
    other facts or of another version are never taken for its own.
    """

    def __init__(self, out: Path, study: str, key: Sequence[str]) -> None:
        """
        Args:
            out: Folder the study writes its results to.
            study: Its name.
            key: Texts that settle the numbers: version, facts, scenario, options.
        """
        digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:16]
        self.folder = out / f".{study}-{digest}"

    def get(self, position: int) -> Arrays | None:
        """A finished job's arrays; None where it is not finished, or its file is damaged."""
        try:
            with self._file(position).open("rb") as file, np.load(file, allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            return None

    def put(self, position: int, arrays: Arrays) -> None:
        """Keep a job's arrays.

        Raises:
            ResultFault: They cannot be written.
        """
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResultFault(
                f"{self.folder} cannot be written: {error.strerror}. Choose another --out."
            ) from error
        write_one(self._file(position), lambda path: _write(path, buffer.getvalue()))

    def clear(self) -> None:
        """Take the folder away, once the study's results are written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, position: int) -> Path:
        return self.folder / f"{position:06d}.npz"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def run_study(
    work: Callable[[Context, Job], Arrays],
    context: Context,
    jobs: Sequence[Job],
    *,
    where: Where,
    store: Store | None = None,
    progress: Progress | None = None,
) -> list[Arrays]:
    """The arrays of every job, in the order of the jobs.

    Args:
        work: A function that a worker can import.
        context: What all jobs share.
        where: Here, in processes, or on a cluster.
        store: Where finished jobs are kept and looked up; none are kept without one.
        progress: Called with jobs done and jobs in all.
    """
    found = [store.get(position) if store else None for position in range(len(jobs))]
    missing = [position for position, arrays in enumerate(found) if arrays is None]
    done = len(jobs) - len(missing)
    if progress:
        progress(done, len(jobs))
    for place, arrays in run_jobs(work, context, [jobs[position] for position in missing], where):
        found[missing[place]] = arrays
        if store:
            store.put(missing[place], arrays)
        done += 1
        if progress:
            progress(done, len(jobs))
    return [arrays for arrays in found if arrays is not None]
