"""One BLAS thread while numbers are made, so that they don't depend on the number of threads.

OpenBLAS splits sums among its threads, and the last bits follow the split. The products here are
small (the large sums are cumulative and not BLAS at all), so one thread costs next to nothing.
"""

import ctypes
import functools
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")


@functools.cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Getter and setter of the thread count of the OpenBLAS that numpy's wheel brings, if any."""
    package = Path(np.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    for path in sorted(p for folder in folders for p in folder.glob("*openblas*")):
        library = ctypes.CDLL(str(path))
        for end in ("64_", ""):
            try:
                return (
                    getattr(library, f"scipy_openblas_get_num_threads{end}"),
                    getattr(library, f"scipy_openblas_set_num_threads{end}"),
                )
            except AttributeError:
                continue
    return None


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` with one BLAS thread and set the count back after.

    With another BLAS than numpy's own OpenBLAS nothing is changed; the same threads still give the
    same numbers then.
    """

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        found = _openblas()
        if found is None:
            return function(*args, **kwargs)
        get, put = found
        before = get()
        put(1)
        try:
            return function(*args, **kwargs)
        finally:
            put(before)

    return wrapped
