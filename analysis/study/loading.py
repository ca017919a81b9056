"""Reading study files, with messages that say where and what to do.

Belongs here: YAML, line numbers, and turning validation errors into sentences. Does not belong
here: what a study means (`spec`).
"""

import types
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from analysis.study.hints import did_you_mean
from analysis.study.rules import problems_of
from analysis.study.spec import Family, Study, study_shape

KeyPath = tuple[str | int, ...]

_SHOWN_AT_MOST = 60  # characters of a wrong value in a message

_EXPECTED = {
    "string_type": "text (put numbers and yes/no in quotes)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
}


@dataclass(frozen=True)
class StudyProblem:
    """One thing wrong in a study file: where (line from 1, if known) and what."""

    key: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}, " if self.line else ""
        return f"{place}{self.key or 'the file'}: {self.message}"


class StudyError(ValueError):
    """A study file that can't be used; `problems` has every reason found."""

    def __init__(self, source: str, problems: list[StudyProblem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 0, p.key)))
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"study file {source}:\n{listed}")


def _spell(path: KeyPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


class _Marks:
    """Line of each key of a YAML document, and keys that stand twice."""

    def __init__(self, root: yaml.Node) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.repeated: list[KeyPath] = []
        self._walk(root, (), root.start_mark.line + 1)

    def _walk(self, node: yaml.Node, path: KeyPath, line: int) -> None:
        again = path in self.lines
        self.lines[path] = line
        if again:
            self.repeated.append(path)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._walk(value, (*path, str(key.value)), key.start_mark.line + 1)
        elif isinstance(node, yaml.SequenceNode):
            for k, item in enumerate(node.value):
                self._walk(item, (*path, k), item.start_mark.line + 1)

    def line(self, path: KeyPath) -> int | None:
        """Line of the key, or of the nearest one above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models of a field: several where it is one of several kinds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]


def _of_kind(model: type[BaseModel], part: str | int) -> bool:
    """Whether pydantic writes `part` into a path for this model among several."""
    kind = model.model_fields.get("kind")
    return kind is not None and part in get_args(kind.annotation)


def _holds_many(annotation: Any) -> bool:
    if get_origin(annotation) in (dict, tuple, list):
        return True
    union = get_origin(annotation) is types.UnionType
    return union and any(_holds_many(inner) for inner in get_args(annotation))


def _keys_at(path: KeyPath, shape: type[Study]) -> tuple[str, ...]:
    """Keys that may stand under `path`, from the models."""
    models: list[type[BaseModel]] = [shape]
    skip = False
    for part in path:
        of_kind = [model for model in models if _of_kind(model, part)]
        if skip or of_kind or not models or part not in models[0].model_fields:
            skip = False
            models = of_kind or models
            continue
        annotation = models[0].model_fields[str(part)].annotation
        models, skip = _models_in(annotation), _holds_many(annotation)
    return tuple(models[0].model_fields) if models else ()


def _clean(path: KeyPath) -> KeyPath:
    """Drop the marks that pydantic puts into a path for keys of dicts and branches of unions."""
    branches = ("[key]", "bool", "int", "float", "str")

    def is_mark(k: int) -> bool:
        part = path[k]
        if not isinstance(part, str):
            return False
        # A further error's path has its kind behind its place.
        tag = k >= 2 and path[k - 2] == "errors" and isinstance(path[k - 1], int)
        return part in branches or part.startswith("tuple[") or tag

    return tuple(part for k, part in enumerate(path) if not is_mark(k))


def _sentence(error: Any, path: KeyPath, shape: type[Study], old: dict[Any, str]) -> str:
    kind, context, found = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "extra_forbidden":
        known = _keys_at(error["loc"][:-1], shape)
        if len(path) == 1 and path[0] in old:
            return old[str(path[0])]
        if path[-1] == "errors" and (path[0], "errors") in old:
            return old[path[0], "errors"]
        return (
            f"unknown key{did_you_mean(str(path[-1]), known)}; expected one of "
            f"{', '.join(known)}; correct or remove it"
        )
    if kind == "missing":
        return "this key is required and not there; add it"
    shown = "nothing" if found is None else repr(found)
    if isinstance(found, dict):
        shown = f"the keys {', '.join(map(str, found))}"
    elif isinstance(found, list | tuple) and len(shown) > _SHOWN_AT_MOST:
        shown = f"a list of {len(found)}"
    if kind == "literal_error":
        options = [option.strip("'") for option in _options(context["expected"])]
        hint = did_you_mean(found, tuple(options)) if isinstance(found, str) else ""
        return f"expected one of {', '.join(options)}; found {shown}{hint}"
    if kind == "string_pattern_mismatch":
        return (
            "expected small letters, digits and underscores (a name starts with a letter); "
            f"found {shown}"
        )
    if kind in ("string_too_short", "too_short"):
        least = error.get("ctx", {}).get("min_length", 1)
        entries = "one entry" if least == 1 else f"{least} entries"
        return f"expected at least {entries}; found {shown}"
    if kind == "expected":
        return f"expected {error['msg']}; found {shown}"
    return f"expected {_EXPECTED.get(kind, error['msg'])}; found {shown}"


def _options(listed: str) -> list[str]:
    return listed.replace(" or ", ", ").split(", ")


def _old_keys(methods: Iterable[Family]) -> dict[Any, str]:
    """What to say of keys that have another name now, and of (method, "errors") where it has none."""
    return {
        "policy": "this key is called policies now, with a name for each: policies: {did: {policy_id: ...}}",
        **{
            was: f"this key is called {method.key} now; rename it"
            for method in methods
            for was in method.was
        },
        **{
            (method.key, "errors"): f"{method.without_errors}; remove the key"
            for method in methods
            if method.without_errors
        },
    }


def _read_yaml(text: str) -> tuple[yaml.Node | None, Any]:
    """The tree with its lines, and what it says; raises YAMLError."""
    try:
        fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.compose(text, Loader=fast), yaml.load(text, Loader=fast)  # noqa: S506
    except yaml.YAMLError:
        # Seven times slower, and its messages say more.
        return yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)


def parse_study(text: str, source: str, methods: Iterable[Family]) -> Study:
    """A study from the YAML `text`; `source` names it in messages, `methods` are those it may use.

    Raises StudyError with every problem found, each with its line and key.
    """
    try:
        root, data = _read_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark is not None else None
        raise StudyError(
            source, [StudyProblem("", line, f"not valid YAML: {reason}; check indents and quotes")]
        ) from error
    if root is None or not isinstance(data, dict):
        raise StudyError(
            source, [StudyProblem("", None, "expected keys such as id, title, outcome; found none")]
        )
    methods = tuple(methods)
    shape, old = study_shape(methods), _old_keys(methods)
    marks = _Marks(root)
    if marks.repeated:
        raise StudyError(
            source,
            [
                StudyProblem(_spell(p), marks.line(p), "this key stands twice; keep one")
                for p in marks.repeated
            ],
        )
    try:
        study = shape.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A list with a wrong entry is also reported as too short: the entry says enough.
        found = [
            item
            for item in found
            if item["type"] != "too_short"
            or not any(
                other["loc"][: len(item["loc"])] == item["loc"] and other is not item
                for other in found
            )
        ]
        seen: dict[tuple[KeyPath, str], StudyProblem] = {}
        for item in found:
            path = _clean(item["loc"])
            message = _sentence(item, path, shape, old)
            seen[path, message] = StudyProblem(_spell(path), marks.line(path), message)
        raise StudyError(source, list(seen.values())) from error
    problems = [
        StudyProblem(_spell(path), marks.line(path), f"expected {expected}")
        for path, expected in problems_of(study, methods)
    ]
    if problems:
        raise StudyError(source, problems)
    return study


def load_study(path: Path, methods: Iterable[Family]) -> Study:
    """The study of one file; its id must be the file's name without the ending.

    Raises StudyError.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(
            str(path), [StudyProblem("", None, f"can't be read as UTF-8 text: {error}")]
        ) from error
    study = parse_study(text, str(path), methods)
    if study.id != path.stem:
        message = f"expected {path.stem!r} as in the file's name, found {study.id!r}; rename one"
        raise StudyError(str(path), [StudyProblem("id", None, message)])
    return study


def load_studies(folder: Path, methods: Iterable[Family]) -> dict[str, Study]:
    """All studies of a folder by id, sorted; files end in .yml.

    Raises StudyError for the first file that can't be used, or if there is none.
    """
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise StudyError(str(folder), [StudyProblem("", None, "no study files (*.yml) here")])
    methods = tuple(methods)
    return {study.id: study for study in (load_study(path, methods) for path in files)}
