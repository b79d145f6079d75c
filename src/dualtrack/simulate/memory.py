"""How the process keeps memory that arrays of a month give back."""

from __future__ import annotations

import ctypes
import functools
import sys

# Parameters of mallopt(3), and the largest threshold that it takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_ARRAY = 32 * 1024 * 1024
_KEPT = 512 * 1024 * 1024


@functools.cache
def keep_freed_memory() -> None:
    """Let the C library keep freed arrays for the next ones, instead of handing them to the system and back.

    Every month frees and takes thousands of arrays a little above glibc's threshold, each of which would come as
    fresh pages: an eighth of a run's time. Peak memory stays as it is. Elsewhere than on glibc nothing is done.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_MMAP_THRESHOLD, _LARGEST_ARRAY)
    mallopt(_TRIM_THRESHOLD, _KEPT)
