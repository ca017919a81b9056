"""Keys of matching in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`), what is
estimated (`run`).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from analysis.study.errors import Errors
from analysis.study.keys import (
    Controls,
    Effects,
    Filters,
    Identifier,
    Name,
    Published,
    Strict,
    Text,
    Years,
    at_least,
)

By = Literal["support", "nearest", "radius", "kernel", "mahalanobis", "entropy"]
BANDWIDTH = 0.06
"""Of the kernel where none is given, as psmatch2 has it."""

_KEYS: dict[str, tuple[str, ...]] = {
    "neighbours": ("nearest", "mahalanobis"),
    "replacement": ("nearest", "mahalanobis"),
    "caliper": ("nearest", "mahalanobis", "radius"),
    "caliper_unit": ("nearest", "mahalanobis", "radius"),
    "distance": ("nearest", "mahalanobis", "radius", "kernel"),
    "bandwidth": ("kernel",),
    "moments": ("entropy",),
}
"""Keys that only some ways of matching have."""


def _positive(value: float) -> float:
    if not 0 < value < float("inf"):
        raise PydanticCustomError("expected", "a number above 0")
    return value


Positive = Annotated[float, AfterValidator(_positive)]


class MatchedColumn(Strict):
    """One way of matching, and the equation estimated on what it leaves.

    `cases`: "means_before" matches cities by their means before the policy, "each_year" matches city-years
    within each year, "pooled" all city-years together. `treated`: who is matched, "ever" cities that the
    policy reaches at any time, "now" rows that it has reached. `by`: "support" drops treated off the
    common support and no more; "nearest" takes `neighbours` by the score, with or without `replacement`;
    "radius" all within `caliper`; "kernel" all by an Epanechnikov kernel of `bandwidth`; "mahalanobis"
    neighbours by the covariates themselves; "entropy" weights that balance `moments`. `distance` of two is
    that of their scores, or of the score's logit; `caliper` is in its units, or in its pooled standard
    deviations (`caliper_unit: sd`). `common_support` drops treated beyond all scores of the others.
    `weighted: false` estimates on the matched rows without weights.
    """

    id: Identifier
    label: Text
    published_column: int | None = None
    by: By
    cases: Literal["means_before", "each_year", "pooled"] = "means_before"
    treated: Literal["ever", "now"] = "ever"
    neighbours: Annotated[int, at_least(1)] | None = None
    replacement: bool | None = None
    distance: Literal["score", "logit"] | None = None
    caliper: Positive | None = None
    caliper_unit: Literal["distance", "sd"] | None = None
    bandwidth: Positive | None = None
    moments: Literal[1, 2] | None = None
    common_support: bool | None = None
    weighted: bool = True

    def model_post_init(self, _context: object) -> None:
        """Refuse keys that the way of matching has no use for."""
        for key, ways in _KEYS.items():
            if getattr(self, key) is not None and self.by not in ways:
                raise PydanticCustomError(
                    "expected", f"no {key} where by is {self.by}; it is of {', '.join(ways)}"
                )
        if self.by == "radius" and self.caliper is None:
            raise PydanticCustomError(
                "expected", "a caliper, the radius within which controls serve"
            )
        if self.caliper_unit is not None and self.caliper is None:
            raise PydanticCustomError("expected", "caliper_unit beside a caliper only")
        if self.by == "support" and self.common_support is False:
            raise PydanticCustomError("expected", "no common_support: false where by is support")
        if self.cases == "means_before" and self.treated == "now":
            raise PydanticCustomError(
                "expected", "treated: ever where cases are means_before: nobody is treated before"
            )

    @property
    def uses_score(self) -> bool:
        """Whether a propensity score decides who is matched."""
        scored = self.by in ("support", "nearest", "radius", "kernel")
        return scored or self.caliper is not None or self.on_support

    @property
    def on_support(self) -> bool:
        """Whether treated off the common support are dropped; by the score they are unless told not to be."""
        if self.common_support is None:
            return self.by not in ("mahalanobis", "entropy")
        return self.common_support


class Matching(Strict):
    """Cities matched on covariates, and the difference in differences on the matched.

    `covariates`: of the propensity (true: the study's controls). `over`: years of the means before the
    policy; the study's years before the first treated one if left out. `controls` and `effects` are of
    the equation, as in a regression, and so are `errors`: further ones of all columns, with their weights.
    """

    id: Identifier
    title: Text
    published: Published | None = None
    outcome: Name | None = None
    covariates: Controls = True
    controls: Controls
    effects: Effects
    sample: Filters = ()
    over: Years | None = None
    errors: Errors | None = None
    columns: Annotated[tuple[MatchedColumn, ...], Field(strict=False, min_length=1)]


__all__ = ["BANDWIDTH", "MatchedColumn", "Matching"]
