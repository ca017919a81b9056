"""Further errors of a column in a study file: kinds, keys and names.

Belongs here: their shape and meaning, and what must hold between their keys. Does not belong here: the errors
themselves (`analysis.regression.inference`), the column that has them (its method's room).
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from analysis.study.data import Needs
from analysis.study.keys import Strict, Text, at_least
from analysis.study.rules import Path, Problem
from analysis.study.spec import FIRST_YEAR, Study

Convention = Literal["fixest", "reghdfe", "stata_areg", "linearmodels", "uncorrected"]


def _ways(value: object) -> object:
    if isinstance(value, str) and value:
        return (value,)
    listed = tuple(value) if isinstance(value, list | tuple) else ()
    named = all(isinstance(each, str) and each for each in listed)
    if named and len(listed) in (1, 2) and len(set(listed)) == len(listed):
        return listed
    raise PydanticCustomError("expected", "a column of the panel, or a list of two of them")


def _kilometres(value: float) -> float:
    if not 0 < value <= 20_000:
        raise PydanticCustomError("expected", "kilometres above 0, and up to 20000")
    return value


class _Error(Strict):
    """What all kinds have."""

    kind: str

    @property
    def name(self) -> str:
        """Name of the error among those of a column: its kind and the keys that were given."""
        parts: list[str] = []
        for key, value in self.model_dump(exclude_none=True, exclude_unset=True).items():
            if key in ("kind", "seed", "longitude", "latitude"):
                continue
            parts += [f"{v:g}" if isinstance(v, float) else str(v) for v in _listed(value)]
        return "_".join([self.kind, *parts])

    def columns(self, _study: Study) -> tuple[str, ...]:
        """Columns of the panel that it reads, beside those of the study."""
        return ()


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


class _OfClusters(_Error):
    """An error by one column of the panel, the study's cluster where it is left out."""

    by: Text | None = None

    def columns(self, _study: Study) -> tuple[str, ...]:
        """The column of clusters."""
        return (self.by,) if self.by else ()


class ClusterError(_Error):
    """Clustered by a column of the panel, or by two at once.

    `factor`, of two ways: the factor of `fewer` clusters for all three sandwiches, or of `each` its own.
    """

    kind: Literal["cluster"]
    by: Annotated[tuple[Text, ...], BeforeValidator(_ways)]
    convention: Convention | None = None
    factor: Literal["fewer", "each"] | None = None

    def columns(self, _study: Study) -> tuple[str, ...]:
        """The columns of clusters."""
        return self.by


class ReducedError(_OfClusters):
    """Bias-reduced, for few clusters; t on Satterthwaite's degrees of freedom unless `convention` says else."""

    kind: Literal["cr2", "cr3"]
    convention: Literal["satterthwaite", "clusters", "jackknife"] | None = None


class WildError(_OfClusters):
    """Wild cluster bootstrap, the null imposed; six points below twelve clusters, else two signs."""

    kind: Literal["wild"]
    weights: Literal["rademacher", "webb"] | None = None
    draws: Annotated[int, at_least(99)] = 999
    seed: int = 1


class DriscollKraayError(_Error):
    """Driscoll and Kraay: sums of periods, `bandwidth` lags; by the rule of Newey and West without."""

    kind: Literal["driscoll_kraay"]
    kernel: Literal["bartlett", "parzen", "uniform"] | None = None
    bandwidth: Annotated[int, at_least(0)] | None = None
    convention: Convention | None = None


class ConleyError(_Error):
    """Conley: cities within `cutoff_km` kilometres, by their coordinates in the panel."""

    kind: Literal["conley"]
    cutoff_km: Annotated[float, Field(strict=False), AfterValidator(_kilometres)]
    kernel: Literal["bartlett", "uniform"] | None = None
    pairs: Literal["all_years", "same_year"] | None = None
    lags: Annotated[int, at_least(0)] | None = None
    convention: Convention | None = None
    longitude: Text = "longitude"
    latitude: Text = "latitude"

    def model_post_init(self, _context: object) -> None:
        """Lags are of pairs of one year."""
        if self.lags and self.pairs != "same_year":
            raise PydanticCustomError(
                "expected", "pairs: same_year beside lags; all_years has every year of a city in"
            )

    def columns(self, _study: Study) -> tuple[str, ...]:
        """The columns of coordinates."""
        return self.longitude, self.latitude


class RandomisationError(_Error):
    """Randomisation inference: the policy drawn over cities, as the placebo does."""

    kind: Literal["randomisation"]
    draws: Annotated[int, at_least(99)] = 999
    seed: int = 1
    scheme: Literal["cities", "timing"] | None = None
    within: Text | None = None

    def columns(self, study: Study) -> tuple[str, ...]:
        """The policy's first years, and the strata."""
        first = FIRST_YEAR.format(policy=study.treatment)
        return (first, self.within) if self.within else (first,)


def _short(value: object) -> object:
    """A kind alone stands for one with the keys that it has by default."""
    return {"kind": value} if isinstance(value, str) else value


FurtherError = Annotated[
    ClusterError | ReducedError | WildError | DriscollKraayError | ConleyError | RandomisationError,
    Field(discriminator="kind"),
]
Errors = Annotated[
    tuple[Annotated[FurtherError, BeforeValidator(_short)], ...], Field(strict=False)
]
"""Errors that a column has beside that of the study, in the order in which they stand under it."""


def needs_of(study: Study, errors: Iterable[Any]) -> Needs:
    """What errors read of the panel."""
    return Needs(columns=tuple(name for each in errors for name in each.columns(study)))


def error_problems(
    study: Study, at: Path, errors: Iterable[Any], regressors: tuple[str, ...]
) -> list[Problem]:
    """What is wrong between the errors of a column with these regressors."""
    found: list[Problem] = []
    seen: set[str] = set()
    for k, each in enumerate(errors):
        if each.name in seen:
            found.append(((*at, k), f"each error once, found {each.name!r} again"))
        seen.add(each.name)
        if each.kind == "cluster" and each.by == (study.cluster,) and each.convention is None:
            found.append(
                ((*at, k, "by"), f"another column than {study.cluster}, the study's own cluster")
            )
        if each.kind == "randomisation" and study.treatment not in regressors:
            found.append(
                ((*at, k), f"a column with the policy {study.treatment}, whose cities are drawn")
            )
    return found


__all__ = [
    "ClusterError",
    "ConleyError",
    "DriscollKraayError",
    "Errors",
    "RandomisationError",
    "ReducedError",
    "WildError",
    "error_problems",
    "needs_of",
]
