"""The shape of a study: outcome, policies, panel, variables and the designs of its methods, frozen.

Belongs here: keys, their meaning, the hash of a study, and putting the designs of methods into it. Does
not belong here: kinds of keys (`keys`), the keys of a method (its room), rules between keys (`rules`),
YAML and messages for people (`loading`), columns that a panel has (`analysis.study.data`). A key is
added when an estimator uses it, not before, and has no value where it is left out: so old studies keep
their hash.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, Field, create_model
from pydantic_core import PydanticCustomError

from analysis.study.keys import (
    Balance,
    Filters,
    Identifier,
    Name,
    Product,
    Ratio,
    Scale,
    Strict,
    Text,
    Years,
    at_least,
)

CONSTANT = "constant"
FIRST_YEAR = "{policy}_first_year"
"""The name of a policy's first treated year, a column that the policy adds to the panel."""
LISTED = "{policy}_listed"
"""Whether the policy ever treats the city by its rule: a column for conditions on rows."""
PART = "{policy}_part"
"""Whether the policy treats a part of the city alone, which its rule doesn't count: a control with a pilot."""
UNSURE = "{policy}_unsure"
"""Whether the city is untreated and the roster may lack it: a short batch lists nobody of its province."""


def own_columns(policy: str) -> tuple[str, ...]:
    """Columns that a policy adds to the panel under its name in the study."""
    return (policy, *(name.format(policy=policy) for name in (FIRST_YEAR, LISTED, PART, UNSURE)))


class Outcome(Strict):
    """The variable to explain: a column of the panel, transformed, times `scale`."""

    column: Text
    transform: Literal["log", "log1p"] | None = None
    label: Text
    unit: Text
    scale: Scale = 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that it reads."""
        return (self.column,)


class Policy(Strict):
    """Which policy treats a city, and from when.

    `coverage`: a city is treated if the roster names the whole of it, or any part of it.
    `timing`: from the pilot year as studies code it, or from the year of the announcement.
    `role`: the study's treatment, or another policy of the time that is held.

    The policy's name gives equations two variables: the name itself, 1 from the first treated year
    on and else 0, and `<name>_first_year`, that year.
    """

    policy_id: Name
    label: Text
    coverage: Literal["whole", "any_part"]
    timing: Literal["pilot_year", "announcement_year"]
    role: Literal["treatment", "control"] = "treatment"


class Headline(Strict):
    """The column that stands for the study's answer where there is room for one."""

    design: Identifier
    column: Identifier


class Panel(Strict):
    """Rows of the study: units, periods, years and which units with gaps may stay.

    `balanced`: "require" stops at a unit that lacks a year or a value, "drop_incomplete_units"
    leaves such units out, "allow" leaves out single rows.
    """

    unit: Text
    time: Text
    years: Years
    balanced: Balance
    restrict: Filters = ()


class Variable(Strict):
    """A regressor, mediator or other outcome: a column, the ratio of two, or a product.

    It is transformed, times `scale`, then taken from `lag` years before, or in all years from the year `as_of`
    (what a city had before a policy, say). A `product` is of two names of
    the study (policies or variables), such as a policy's effect by another variable, or in a group;
    `centred` takes the mean over the study's rows out of the second, so that the first one's own
    coefficient is the effect at that mean.
    """

    column: Text | None = None
    ratio: Ratio | None = None
    product: Product | None = None
    centred: Literal[True] | None = None
    transform: Literal["none", "log", "log1p"] = "none"
    scale: Scale = 1.0
    lag: Annotated[int, at_least(1)] | None = None
    as_of: int | None = None
    label: Text
    unit: Text

    def model_post_init(self, _context: object) -> None:
        """Refuse a variable without a source or with two, and half a product."""
        if [self.column, self.ratio, self.product].count(None) != 2:
            raise PydanticCustomError(
                "expected",
                "one of column: name, ratio: [numerator, denominator], and product: [name, name]",
            )
        if self.product is None and self.centred:
            raise PydanticCustomError("expected", "centred beside a product alone")
        taken = [self.lag, self.as_of]
        if self.product is not None and (self.transform != "none" or taken != [None, None]):
            raise PydanticCustomError(
                "expected", "a product as it stands: give its factors the transformation or lag"
            )
        if None not in taken:
            raise PydanticCustomError("expected", "lag: years before, or as_of: one year, not both")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that it reads by itself; a product reads those of its factors."""
        if self.product is not None:
            return ()
        return self.ratio if self.ratio is not None else (str(self.column),)


class Design(Protocol):
    """What the designs of all methods have; the rest is their method's."""

    @property
    def id(self) -> str:
        """Name of the design, one in the study."""

    @property
    def title(self) -> str:
        """Title, for people."""


class Study(Strict):
    """A study as data: validated, immutable, hashed.

    Designs of methods are fields of a subclass (`study_shape`), named by the key of the method.
    """

    methods: ClassVar[tuple[str, ...]] = ()
    blocks: ClassVar[Mapping[str, Callable[[Any, Any], Any]]] = {}

    id: Name
    title: Text
    outcome: Outcome
    policies: dict[Name, Policy]
    panel: Panel
    variables: dict[Name, Variable]
    controls: Annotated[tuple[Name, ...], Field(strict=False)]
    cluster: Text
    headline: Headline | None = None

    @property
    def spec_hash(self) -> str:
        """SHA-256 of the study as canonical JSON.

        Keys are sorted and keys without a value left out, so that neither the order and comments
        of the file nor a later optional key changes the hash; any other change does.
        """
        spec = self.model_dump(mode="json", exclude_none=True)
        text = json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def treatment(self) -> str:
        """Name of the policy whose effect is asked for."""
        return next(name for name, each in self.policies.items() if each.role == "treatment")

    @property
    def policy(self) -> Policy:
        """The policy whose effect is asked for."""
        return self.policies[self.treatment]

    @property
    def names(self) -> tuple[str, ...]:
        """Names that equations may have on their right-hand side."""
        return (*self.policies, *self.variables)

    def designs(self) -> Iterator[tuple[str, Any]]:
        """Key of the method and design, in the order of methods and of the file."""
        for key in self.methods:
            for design in getattr(self, key) or ():
                yield key, design

    def designs_of(self, key: str) -> tuple[Any, ...]:
        """The designs of one method."""
        return tuple(getattr(self, key, None) or ())

    def controls_of(self, design: Any) -> tuple[str, ...]:
        """Names of the controls that a design, or a column of one, uses (its key `controls`)."""
        if isinstance(design.controls, bool):
            return self.controls if design.controls else ()
        return tuple(design.controls)

    def label_of(self, term: str) -> str:
        """How to print a term: a policy, a variable or the constant."""
        if term in self.policies:
            return self.policies[term].label
        return "Constant" if term == CONSTANT else self.variables[term].label

    def role_of(self, term: str) -> str:
        """What a term is to the study: treatment (or a product with it), control policy, control, constant, ..."""
        if term in self.policies:
            return "treatment" if term == self.treatment else "control policy"
        if term == CONSTANT:
            return "constant"
        if self.interacts(term):
            return "treatment interaction"
        return "control" if term in self.controls else "regressor"

    def unit_of(self, name: str) -> str:
        """Unit of the outcome or a variable; nothing for policies and the constant."""
        if name == self.outcome.column:
            return self.outcome.unit
        return self.variables[name].unit if name in self.variables else ""

    def outcome_label(self, name: str) -> str:
        """How to print what a column explains: the study's outcome by its column, or a variable."""
        if name == self.outcome.column:
            return self.outcome.label
        return self.variables[name].label

    def columns_of(self, name: str) -> tuple[str, ...]:
        """Columns of the panel behind the outcome, a policy, its first year, or a variable."""
        if name == self.outcome.column:
            return self.outcome.columns
        if name in self.variables:
            factors = self.variables[name].product or ()
            of_factors = (column for factor in factors for column in self.columns_of(factor))
            return tuple(dict.fromkeys((*self.variables[name].columns, *of_factors)))
        return (name,)

    def interacts(self, name: str) -> bool:
        """Whether a name is a product with the study's treatment."""
        return name in self.variables and self.treatment in (self.variables[name].product or ())


class Family(Protocol):
    """What a study needs to know of a method: its key and the shape of its designs."""

    @property
    def key(self) -> str:
        """Key of the study file."""

    @property
    def design(self) -> type[BaseModel]:
        """Shape of one design."""

    @property
    def was(self) -> tuple[str, ...]:
        """Keys that the method had before."""

    @property
    def block(self) -> Callable[[Any, Any], Any] | None:
        """The equations of a design of a study, where others may refer to them."""

    @property
    def without_errors(self) -> str:
        """Why its designs have no key `errors`; empty where they have it."""

    def problems(self, study: Study, design: Any) -> list[tuple[tuple[str | int, ...], str]]:
        """What is wrong between keys: path within the design, and what was expected."""


def study_shape(methods: Iterable[Family]) -> type[Study]:
    """The study with a list of designs for each method."""
    return _shape(tuple((method.key, method.design, method.block) for method in methods))


@cache
def _shape(
    methods: tuple[tuple[str, type[BaseModel], Callable[[Any, Any], Any] | None], ...],
) -> type[Study]:
    fields: Mapping[str, Any] = {
        key: (
            Annotated[tuple[model, ...], Field(strict=False, min_length=1)] | None,  # type: ignore[valid-type]
            None,
        )
        for key, model, _ in methods
    }
    shaped = create_model("Study", __base__=Study, **fields)
    shaped.methods = tuple(key for key, _, _ in methods)
    shaped.blocks = {key: block for key, _, block in methods if block is not None}
    return shaped
