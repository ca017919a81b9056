"""Rules between the keys of a study, and hints at what was meant.

Belongs here: what can't be said of one key alone: names that must exist, ids that must differ, a
variable on one side of an equation. Does not belong here: the shape and type of a key (`spec`),
lines of a file and messages for people (`loading`).
"""

from analysis.study.spec import CONSTANT, TREATMENT, Column, Study, Table

Problem = tuple[tuple[str | int, ...], str]


def problems_of(study: Study) -> list[Problem]:
    """What is wrong between keys: (path of keys, what was expected)."""
    found: list[Problem] = []
    for name in study.variables:
        if name in (TREATMENT, CONSTANT, "cluster", study.outcome.column):
            found.append((("variables", name), f"a name other than {name!r}, which is taken"))
    found += _unknown(("controls",), study.controls, tuple(study.variables))
    printed = (*(table.id for table in study.tables), *(m.id for m in study.mediation or ()))
    found += _repeats(("tables",), tuple(table.id for table in study.tables), "id")
    names = tuple(study.variables)
    for i, table in enumerate(study.tables):
        path: tuple[str | int, ...] = ("tables", i, "columns")
        found += _repeats(path, tuple(column.id for column in table.columns), "id")
        if table.outcome is not None:
            found += _unknown_name(("tables", i, "outcome"), table.outcome, names)
        taken = {column.id for column in table.columns if column.split is None}
        for j, column in enumerate(table.columns):
            found += _column_problems(study, (*path, j), table, column)
            for k, level in enumerate(column.split.levels if column.split else ()):
                if level.id in taken:
                    found.append(
                        (
                            (*path, j, "split", "levels", k, "id"),
                            f"a column of the table each once, found {level.id!r} again",
                        )
                    )
                taken.add(level.id)
    for i, design in enumerate(study.mediation or ()):
        at: tuple[str | int, ...] = ("mediation", i)
        if design.id in printed[: len(study.tables) + i]:
            found.append(((*at, "id"), f"each table once, found {design.id!r} again"))
        found += _unknown((*at, "mediators"), design.mediators, names)
        found += _repeats((*at, "effects"), design.effects)
        if isinstance(design.controls, tuple):
            found += _unknown((*at, "controls"), design.controls, names)
        for name in sorted(set(design.mediators) & set(study.controls_of(design))):
            found.append(((*at, "mediators"), f"{name!r} as a mediator or a control, not as both"))
        found += _unknown((*at, "joint"), design.joint or (), design.mediators)
    return found + _threshold_problems(study)


def _column_problems(
    study: Study, at: tuple[str | int, ...], table: Table, column: Column
) -> list[Problem]:
    names = tuple(study.variables)
    found = _unknown((*at, "regressors"), column.regressors, (TREATMENT, *names))
    found += _repeats((*at, "effects"), column.effects)
    if isinstance(column.controls, tuple):
        found += _unknown((*at, "controls"), column.controls, names)
    if column.outcome is not None:
        found += _unknown_name((*at, "outcome"), column.outcome, names)
    outcome = study.outcome_of(table, column)
    if outcome in (*column.regressors, *study.controls_of(column)):
        found.append(
            (
                (*at, "regressors"),
                f"{outcome!r} as the outcome or on the right-hand side, not as both",
            )
        )
    for name in sorted(set(column.regressors) & set(study.controls_of(column))):
        found.append(((*at, "regressors"), f"{name!r} as a regressor or a control, not as both"))
    levels = column.split.levels if column.split is not None else ()
    numbered = [(at, column.published_column)]
    numbered += [
        ((*at, "split", "levels", k), level.published_column) for k, level in enumerate(levels)
    ]
    for place, number in numbered:
        if number is not None and table.published is None:
            found.append(
                (
                    (*place, "published_column"),
                    f"a key 'published' in table {table.id!r} that says which printed "
                    "table the column belongs to",
                )
            )
    return found


def _threshold_problems(study: Study) -> list[Problem]:
    models = study.thresholds or ()
    names = tuple(study.variables)
    found = _repeats(("thresholds",), tuple(model.id for model in models), "id")
    for i, model in enumerate(models):
        at: tuple[str | int, ...] = ("thresholds", i)
        regressors = (TREATMENT, *names)
        found += _unknown_name((*at, "variable"), model.variable, names)
        found += _unknown_name((*at, "regressor"), model.regressor, regressors)
        if isinstance(model.controls, tuple):
            found += _unknown((*at, "controls"), model.controls, names)
        if model.regressor in (model.variable, *study.controls_of(model)):
            found.append(
                (
                    (*at, "regressor"),
                    f"a regressor other than the threshold variable and the controls, found "
                    f"{model.regressor!r}",
                )
            )
        for k, scheme in enumerate(model.schemes):
            if scheme in model.schemes[:k]:
                found.append(((*at, "schemes", k), "each pair of scheme and resample once"))
    return found


def _unknown_name(
    path: tuple[str | int, ...], name: str, allowed: tuple[str, ...]
) -> list[Problem]:
    if name in allowed:
        return []
    expected = (
        f"the name of a variable of this study, found {name!r}{did_you_mean(name, allowed)}; "
        f"there are {', '.join(allowed) or 'none'}"
    )
    return [(path, expected)]


def _unknown(
    path: tuple[str | int, ...], names: tuple[str, ...], allowed: tuple[str, ...]
) -> list[Problem]:
    found: list[Problem] = []
    for k, name in enumerate(names):
        found += _unknown_name((*path, k), name, allowed)
    return found + _repeats(path, names)


def _repeats(path: tuple[str | int, ...], names: tuple[str, ...], key: str = "") -> list[Problem]:
    last = (key,) if key else ()
    return [
        ((*path, k, *last), f"each once, found {name!r} again")
        for k, name in enumerate(names)
        if name in names[:k]
    ]


def did_you_mean(name: str, known: tuple[str, ...]) -> str:
    """A hint at the nearest known name, or nothing."""
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


__all__ = ["Problem", "did_you_mean", "problems_of"]
