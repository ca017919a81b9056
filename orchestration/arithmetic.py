"""The same floating-point arithmetic on every processor: which kernels numpy and its BLAS may use.

Belongs here: the settings that numpy, OpenBLAS and scipy read when they are loaded, and whether they were
loaded with them. Does not belong here: what is decided by numbers that differ in their last digits (each
module has its own tolerance), nor sums in SQL (dbt_project/macros/numbers.sql).

Sources: numpy's "CPU/SIMD optimizations: runtime dispatch" (NPY_DISABLE_CPU_FEATURES) and OpenBLAS's user
manual (OPENBLAS_CORETYPE, OPENBLAS_NUM_THREADS). Decision: docs/decisions/0011-last-digits.md.
"""

import os
import platform
from collections.abc import MutableMapping

X86 = ("x86_64", "amd64")
CORE = "Nehalem"
"""The kernels of OpenBLAS: the newest that every x86-64 processor can run that numpy runs on."""
NOT_DISPATCHED = (
    "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"  # numpy's names since 2.4
    " AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL"  # and before
)
"""Extensions that numpy would choose at run time, each with its own `log` and `exp`."""


def pin(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set the kernels; must run before numpy is imported, and overrules what was set.

    A setting that changes released numbers is no matter of the machine or of its user. Other
    processors than x86-64 keep their own kernels.
    """
    # Sums must not depend on the number of cores, and small matrices are slower on two threads.
    environment["OPENBLAS_NUM_THREADS"] = "1"
    if platform.machine().lower() in X86:
        environment["OPENBLAS_CORETYPE"] = CORE
        environment["NPY_DISABLE_CPU_FEATURES"] = NOT_DISPATCHED
