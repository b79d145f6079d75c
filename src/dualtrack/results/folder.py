"""Write a folder of results so that it is whole or untouched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dualtrack.errors import ResultFault

Writer = Callable[[Path], None]


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A private folder beside `out`, made before the work begins and gone after it.

    Parent folders that had to be made are taken away again where nothing came of it.

    Raises:
        ResultFault: `out` cannot be written, now or later; what stood there is as it was.
    """
    made = [folder for folder in out.absolute().parents if not folder.exists()]
    try:
        if out.exists() and not out.is_dir():
            raise ResultFault(f"--out {out} is a file. Wanted: a folder, new or existing.")
        if out.exists() and not os.access(out, os.W_OK):
            raise ResultFault(f"--out {out} cannot be written: read-only. Choose another folder.")
        out.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{out.name}.partial-", dir=out.parent))
    except OSError as error:
        _remove_empty(made)
        raise ResultFault(
            f"--out {out} cannot be written: {error.strerror}. Choose another folder."
        ) from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if not out.exists():
            _remove_empty(made)


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def write_one(path: Path, write: Writer) -> None:
    """Write one file beside its place, then move it there, so that a fault leaves what stood there.

    Raises:
        ResultFault: It cannot be written.
    """
    if path.is_dir():
        raise ResultFault(f"{path} is a folder. Wanted: the name of a file.")
    place: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.partial-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        place = Path(name)
        write(place)
        place.chmod(0o644)
        place.replace(path)
    except OSError as error:
        raise ResultFault(f"{path} cannot be written: {error.strerror}. Choose another place.") from error
    finally:
        if place is not None:
            place.unlink(missing_ok=True)


def write_all(
    out: Path, place: Path, writers: Mapping[str, Writer], *, replaces: Sequence[str] = ()
) -> dict[str, Path]:
    """Write every file in the staging folder, then move them into `out` together.

    Args:
        replaces: Names in `out` that the new files supersede, and that are taken away with the move.

    Raises:
        ResultFault: A file could not be written; `out` is as it was.
    """
    try:
        for name, write in writers.items():
            write(place / name)
        _check_in_the_way(out, writers, replaces)
        existed = out.exists()
        out.mkdir(exist_ok=True)
        aside = place / "aside"
        aside.mkdir()
        try:
            _swap(out, place, aside, list(writers), [name for name in replaces if name not in writers])
        except OSError:
            if not existed:
                _remove_empty([out])
            raise
    except OSError as error:
        raise ResultFault(
            f"--out {out} could not be written: {error.strerror or error}. Nothing there was changed.\n"
            "  Free some room or choose another folder."
        ) from error
    return {name: out / name for name in writers}


def _check_in_the_way(out: Path, names: Iterable[str], replaces: Sequence[str]) -> None:
    """Refuse to replace a folder of the user's that has the name of one of our files."""
    for name in names:
        target = out / name
        if target.is_dir() and target.suffix != ".zarr" and name not in replaces:
            raise ResultFault(
                f"{target} is a folder, and a file of that name is to be written. Move it away."
            )


def _swap(out: Path, place: Path, aside: Path, names: Sequence[str], dropped: Sequence[str]) -> None:
    """Set the old files aside and move the new ones in; on any failure put everything back."""
    moved: list[tuple[Path, Path]] = []
    try:
        for name in [*names, *dropped]:
            if (out / name).exists():
                (out / name).replace(aside / name)
                moved.append((aside / name, out / name))
        for name in names:
            (place / name).replace(out / name)
            moved.append((out / name, place / name))
    except OSError:
        for now, before in reversed(moved):
            now.replace(before)
        raise
