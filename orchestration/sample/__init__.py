"""The embedded sample: yearbooks of 285 real cities with invented figures and a known truth.

Belongs here: everything that makes those figures and pages. Does not belong here: anything that
reads yearbooks. Imports stay light: numpy and the writer of workbooks load when they are needed.
"""

from orchestration.sample.parameters import DEFAULT, SEED, Parameters
from orchestration.sample.simulation import SampleWorld, simulate
from orchestration.sample.tables import headings
from orchestration.sample.truth import service_truth, truth
from orchestration.sample.writer import SAMPLE_VERSION, is_complete, write_sample

__all__ = [
    "DEFAULT",
    "SAMPLE_VERSION",
    "SEED",
    "Parameters",
    "SampleWorld",
    "headings",
    "is_complete",
    "service_truth",
    "simulate",
    "truth",
    "write_sample",
]
