"""Rules between the keys of a study.

Belongs here: what can't be said of one key alone: names that must exist, ids that must differ, a
variable on both sides of an equation. Does not belong here: the shape and type of a key (`spec`,
`keys`), rules of the designs of one method (its room), lines of a file and messages for people
(`loading`).
"""

from collections.abc import Iterable

from analysis.study.equations import Equation
from analysis.study.hints import did_you_mean
from analysis.study.spec import CONSTANT, Family, Study, own_columns

Path = tuple[str | int, ...]
Problem = tuple[Path, str]


def problems_of(study: Study, methods: Iterable[Family]) -> list[Problem]:
    """What is wrong between keys: (path of keys, what was expected)."""
    found = _policy_problems(study)
    if found:  # nothing can be asked of a study without its treatment
        return found
    taken: tuple[str, ...] = (CONSTANT, "cluster", study.outcome.column)
    taken += tuple(column for name in study.policies for column in own_columns(name))
    for name in study.variables:
        if name in taken:
            found.append((("variables", name), f"a name other than {name!r}, which is taken"))
        found += _product_problems(study, name)
        year, (first, last) = study.variables[name].as_of, study.panel.years
        if year is not None and not first <= year <= last:
            found.append((("variables", name, "as_of"), f"a year of the study, {first} to {last}"))
    found += unknown(("controls",), study.controls, right_hand_side(study))
    for place, name in enumerate(study.controls):
        found += both_sides(study, ("controls", place), study.outcome.column, (name,))
    seen: dict[str, str] = {}
    for method in methods:
        for place, design in enumerate(study.designs_of(method.key)):
            if design.id in seen:
                found.append(
                    (
                        (method.key, place, "id"),
                        f"an id that no other design of the study has; {seen[design.id]} has"
                        f" {design.id!r} as well",
                    )
                )
            seen[design.id] = method.key
            found += [
                ((method.key, place, *path), expected)
                for path, expected in method.problems(study, design)
            ]
    if not seen:
        keys = ", ".join(method.key for method in methods)
        found.append(((), f"a design of at least one method: {keys}"))
    if study.headline is not None and study.headline.design not in seen:
        found.append(
            (
                ("headline", "design"),
                f"the id of a design of the study, found {study.headline.design!r}"
                f"{did_you_mean(study.headline.design, tuple(seen))}",
            )
        )
    return found


def _product_problems(study: Study, name: str) -> list[Problem]:
    """Factors that aren't policies, or variables that are no products themselves."""
    plain = tuple(n for n, each in study.variables.items() if each.product is None)
    return [
        problem
        for k, factor in enumerate(study.variables[name].product or ())
        for problem in unknown_name(
            ("variables", name, "product", k), factor, (*study.policies, *plain)
        )
    ]


def _policy_problems(study: Study) -> list[Problem]:
    treatments = [name for name, each in study.policies.items() if each.role == "treatment"]
    if len(treatments) != 1:
        return [
            (
                ("policies",),
                "one policy with the role treatment (it is the default; give the others role:"
                f" control), found {', '.join(treatments) or 'none'}",
            )
        ]
    return []


def right_hand_side(study: Study) -> tuple[str, ...]:
    """Names that a control may be: variables, and policies that are held.

    A product with the treatment is a regressor: a design that draws or moves the policy would leave it.
    """
    held = (name for name, each in study.policies.items() if each.role == "control")
    return (*(name for name in study.variables if not study.interacts(name)), *held)


def equation_problems(study: Study, at: Path, equation: Equation) -> list[Problem]:
    """A variable that stands twice on the right-hand side, or on both sides."""
    found = both_sides(study, (*at, "regressors"), equation.outcome, equation.terms)
    for name in sorted(set(equation.regressors) & set(equation.controls)):
        found.append(((*at, "regressors"), f"{name!r} as a regressor or a control, not as both"))
    return found


def both_sides(study: Study, at: Path, outcome: str, terms: Iterable[str]) -> list[Problem]:
    """Terms that are what is explained, by name or by the column of the panel they are made of.

    Such an equation explains the outcome by itself: coefficients of 1 and errors of rounding alone.
    An earlier year of the outcome (`lag`) is another variable.
    """
    found: list[Problem] = []
    explained = study.columns_of(outcome) if outcome in _known(study) else ()
    for term in terms:
        if term == outcome:
            expected = f"{outcome!r} as the outcome or on the right-hand side, not as both"
            found.append((at, expected))
        elif (
            term in study.variables
            and study.variables[term].product is None
            and study.variables[term].columns == explained
            and study.variables[term].lag == _lag(study, outcome)
            and study.variables[term].as_of is None
        ):
            found.append(
                (
                    at,
                    f"another variable than {term!r}, which is made of {', '.join(explained)} as the"
                    " outcome is: an equation that explains a column by itself",
                )
            )
    return found


def _known(study: Study) -> tuple[str, ...]:
    return (study.outcome.column, *study.variables, *study.policies)


def _lag(study: Study, outcome: str) -> int | None:
    return study.variables[outcome].lag if outcome in study.variables else None


def unknown_name(path: Path, name: str, allowed: tuple[str, ...]) -> list[Problem]:
    """A name that isn't among those allowed."""
    if name in allowed:
        return []
    expected = (
        f"the name of a variable of this study, found {name!r}{did_you_mean(name, allowed)}; "
        f"there are {', '.join(allowed) or 'none'}"
    )
    return [(path, expected)]


def unknown(path: Path, names: tuple[str, ...], allowed: tuple[str, ...]) -> list[Problem]:
    """Names that aren't among those allowed, or stand twice."""
    found: list[Problem] = []
    for k, name in enumerate(names):
        found += unknown_name((*path, k), name, allowed)
    return found + repeats(path, names)


def repeats(path: Path, names: tuple[str, ...], key: str = "") -> list[Problem]:
    """Names that stand twice."""
    last = (key,) if key else ()
    return [
        ((*path, k, *last), f"each once, found {name!r} again")
        for k, name in enumerate(names)
        if name in names[:k]
    ]


__all__ = [
    "Path",
    "Problem",
    "both_sides",
    "equation_problems",
    "problems_of",
    "repeats",
    "right_hand_side",
    "unknown",
    "unknown_name",
]
