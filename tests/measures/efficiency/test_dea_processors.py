"""Peers, slacks, frontiers and directions of scale are the same whatever kernels a processor chooses.

Each setting runs in a process of its own, for numpy and OpenBLAS choose when they are loaded. Scores may
differ in their last digits there; `orchestration.arithmetic` pins the kernels of a refresh.
"""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_features__ as features

SAME = 1e-9  # the accuracy that a finished program promises
WITHOUT = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR AVX2 FMA3 AVX512F AVX512CD AVX512_SKX"
KERNELS = [
    pytest.param({"OPENBLAS_CORETYPE": core, "NPY_DISABLE_CPU_FEATURES": off}, id=core.lower())
    for core, needed, off in (
        ("Prescott", (), WITHOUT),
        ("Nehalem", ("SSE42",), WITHOUT),
        ("Sandybridge", ("AVX",), WITHOUT),
        ("Haswell", ("AVX2", "FMA3"), "X86_V4 AVX512_ICL AVX512_SPR"),
        ("SkylakeX", ("AVX512F", "AVX512DQ", "AVX512VL", "AVX512BW"), ""),
    )
    if all(features.get(name, False) for name in needed)
]

MEASURE = """
import json
import numpy as np
from analysis.measures.efficiency import compare_returns, radial_efficiency, sbm_efficiency

rng = np.random.default_rng(20)
x = np.round(rng.lognormal(3, 1, (360, 3)), 1)
y = np.round(x.mean(axis=1, keepdims=True) * rng.lognormal(0, 0.4, (360, 4)), 1)
x[300:], y[300:] = x[:60], y[:60]              # twins: two optima, the same score
x[200:230] *= 2; y[200:230] *= 2               # others' multiples
year = np.repeat(np.arange(6), 60)
made, by_returns = {}, []
for returns in ("crs", "vrs", "nirs"):
    for group in (None, year):
        fit = radial_efficiency(x, y, returns=returns, group=group)
        made[f"radial {returns} {group is None}"] = fit
    by_returns.append(radial_efficiency(x, y, returns=returns, slacks=False))
for beyond in (False, True):
    made[f"sbm {beyond}"] = sbm_efficiency(x, y, super_efficiency=beyond, group=year)
split = compare_returns(*by_returns)
told = {"split": {"scale": split.scale.tolist(), "returns": split.returns.tolist()}}
for name, fit in made.items():
    slack = np.concatenate([fit.input_slack, fit.output_slack], axis=1)
    told[name] = {
        "score": fit.score.tolist(), "peer": fit.peer.tolist(), "weight": fit.weight.tolist(),
        "has_slack": (slack > 0).tolist(), "is_one": (fit.score == 1).tolist(),
        "rank": np.unique(np.round(fit.score, 9), return_inverse=True)[1].tolist(),
    }
print(json.dumps(told))
"""


def measured(kernels: dict[str, str]) -> dict:
    found = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env={**os.environ, **kernels},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.fixture(scope="module")
def reference() -> dict:
    return measured({})


@pytest.mark.parametrize("kernels", KERNELS)
def test_what_is_decided_follows_no_processor(kernels, reference):
    told = measured(kernels)
    for model, here in told.items():
        for name, there in reference[model].items():
            if name in ("score", "scale", "weight"):
                np.testing.assert_allclose(here[name], there, rtol=SAME, atol=SAME, err_msg=model)
            else:
                assert here[name] == there, f"{model}: {name}"
