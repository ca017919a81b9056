"""A refresh computes with the same kernels whatever the processor and the environment ask for.

Each case is a process of its own, for numpy and OpenBLAS choose when they are loaded.
"""

import json
import os
import platform
import subprocess
import sys

import pytest

from orchestration.arithmetic import NOT_DISPATCHED, X86, pin

pytestmark = pytest.mark.skipif(
    platform.machine().lower() not in X86, reason="kernels are pinned on x86-64"
)

PROBE = """
import ctypes, hashlib, json, sys
from pathlib import Path
{before}
import orchestration
import numpy as np
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

(library,) = (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*")
core = ctypes.CDLL(str(library)).scipy_openblas_get_corename64_
core.restype = ctypes.c_char_p
x = np.random.default_rng(1).uniform(0.01, 50, 40_000)
square = x.reshape(200, 200)
made = [np.log(x), np.exp(x), square @ square, np.linalg.inv(square), np.linalg.svd(square)[1]]
print(json.dumps({{
    "core": core().decode(), "dispatched": [f for f in __cpu_dispatch__ if __cpu_features__[f]],
    "pinned": orchestration.KERNELS_PINNED,
    "numbers": [hashlib.sha256(m.tobytes()).hexdigest() for m in made],
}}))
"""


def probe(before: str = "", **environment: str) -> dict:
    names = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "NPY_DISABLE_CPU_FEATURES")
    clean = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(before=before)],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def plain() -> dict:
    return probe()


def test_the_kernels_are_those_of_every_processor(plain):
    assert plain["core"] == "Nehalem"
    assert plain["dispatched"] == []
    assert plain["pinned"]


@pytest.mark.parametrize(
    "environment",
    [
        {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "2"},
        {"OPENBLAS_CORETYPE": "Sandybridge", "NPY_DISABLE_CPU_FEATURES": "AVX512_ICL"},
    ],
)
def test_the_environment_changes_no_number(plain, environment):
    assert probe(**environment) == plain


def test_numpy_loaded_before_is_told():
    assert not probe(before="import numpy")["pinned"]
    assert pin({"OPENBLAS_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Nehalem",
                "NPY_DISABLE_CPU_FEATURES": NOT_DISPATCHED})  # fmt: skip
