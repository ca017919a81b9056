"""How text of a web page is shown: hidden, struck through, raised or lowered.

Here: the little of CSS that decides it, and what of it a text takes from the elements it stands in. Not here: the
layout of the page (`html`). Rules with pseudo-classes or attributes, and those for print alone, are left aside.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from orchestration.landing.reading.marks import (
    HIDDEN,
    LOWERED,
    RAISED,
    STRUCK,
    bracket,
    shifted,
)

_NO_RULES = re.compile(
    r"/\*.*?\*/|<!--|-->|@media\s+print\s*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.DOTALL
)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_COMPOUND = re.compile(r"(?P<name>[a-z][\w-]*|\*)?(?P<rest>(?:[.#][\w-]+)*)$", re.IGNORECASE)
_OF_NAME = {
    "s": {"line": "line-through"},
    "strike": {"line": "line-through"},
    "del": {"line": "line-through"},
    "sup": {"align": "super"},
    "sub": {"align": "sub"},
}
"""What browsers do with an element by its name."""
_NOTHING = re.compile(r"0*(?:\.0*)?(?:px|pt|em|rem|ex|%)?$")
_SHIFTS = {"super": RAISED, "sub": LOWERED}

Said = dict[str, str]


@dataclass(frozen=True)
class Look:
    """How text is shown where it stands: `is_gone` takes no place on the page, the next two take it unseen."""

    is_gone: bool = False
    is_invisible: bool = False
    is_tiny: bool = False
    is_struck: bool = False
    shift: str | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether nothing is to be seen."""
        return self.is_gone or self.is_invisible or self.is_tiny

    def inside(self, said: Said) -> "Look":
        """The look of the text of an element in here of which `said` is declared."""
        if not said:
            return self
        return replace(
            self,
            is_gone=self.is_gone or said.get("display") == "none",
            is_invisible=said.get("visibility", "hidden" if self.is_invisible else "visible")
            != "visible",
            is_tiny=said.get("size", "none" if self.is_tiny else "some") == "none",
            is_struck=self.is_struck or "line-through" in said.get("line", ""),
            shift=said.get("align", self.shift),
        )

    def bracketed(self, text: str) -> str:
        """A text in the signs of its look."""
        if self.is_hidden:
            return bracket(text, HIDDEN)
        if self.shift in _SHIFTS:
            text = shifted(text, _SHIFTS[self.shift])
        return bracket(text, STRUCK) if self.is_struck else text


@dataclass(frozen=True)
class _Rule:
    """A selector as its parts from the element upwards, and what is declared by it."""

    parts: tuple[tuple[str, frozenset[str], frozenset[str]], ...]
    is_child: tuple[bool, ...]
    said: Said

    @property
    def weight(self) -> tuple[int, int, int]:
        return (
            sum(len(ids) for _, _, ids in self.parts),
            sum(len(classes) for _, classes, _ in self.parts),
            sum(bool(name) for name, _, _ in self.parts),
        )

    def fits(self, element: Any) -> bool:
        if not _part_fits(self.parts[0], element):
            return False
        above = element.getparent()
        for part, is_child in zip(self.parts[1:], self.is_child, strict=True):
            while above is not None and not is_child and not _part_fits(part, above):
                above = above.getparent()
            if above is None or not _part_fits(part, above):
                return False
            above = above.getparent()
        return True


@dataclass
class StyleSheet:
    """The rules of a page that hide, strike out or shift text."""

    rules: list[_Rule] = field(default_factory=list)
    _known: dict[tuple[str, str, str], Said] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Take in the content of a <style> element."""
        for selectors, body in _RULE.findall(_NO_RULES.sub("", text)):
            said = _declarations(body)
            for selector in selectors.split(",") if said else ():
                rule = _rule(selector, said)
                if rule:
                    self.rules.append(rule)
        self.rules.sort(key=lambda rule: rule.weight)  # stable: of equals the later one wins

    def said_of(self, element: Any) -> Said:
        """What is declared of an element by its name, the rules and its own style, in this order."""
        said = dict(self._said_by_rules(element))
        own = element.get("style")
        if own:
            said.update(_declarations(own))
        if element.get("hidden") is not None:
            said.setdefault("display", "none")
        return said

    def _said_by_rules(self, element: Any) -> Said:
        # Programs write a class per cell: what is said of equal elements is looked up once.
        key = (str(element.tag), element.get("class") or "", element.get("id") or "")
        said = self._known.get(key)
        if said is None:
            said = dict(_OF_NAME.get(element.tag, {}))
            for rule in self.rules:
                if rule.fits(element):
                    said.update(rule.said)
            if all(len(rule.parts) == 1 for rule in self.rules):
                self._known[key] = said
        return said


def _rule(selector: str, said: Said) -> _Rule | None:
    parts = []
    is_child: list[bool] = []
    for word in reversed(selector.replace(">", " > ").split()):
        if word == ">":
            is_child[-1:] = [True]
            continue
        found = _COMPOUND.match(word)
        if not found:
            return None
        signs = re.findall(r"([.#])([\w-]+)", found["rest"])
        name = "" if found["name"] in (None, "*") else found["name"].lower()
        classes = frozenset(text for sign, text in signs if sign == ".")
        parts.append((name, classes, frozenset(text for sign, text in signs if sign == "#")))
        is_child.append(False)
    return _Rule(tuple(parts), tuple(is_child[: len(parts) - 1]), said) if parts else None


def _part_fits(part: tuple[str, frozenset[str], frozenset[str]], element: Any) -> bool:
    name, classes, ids = part
    return (
        (not name or element.tag == name)
        and (not classes or classes <= set((element.get("class") or "").split()))
        and (not ids or ids == {element.get("id")})
    )


def _declarations(body: str) -> Said:
    """What a list of declarations says of the few properties that matter."""
    said: Said = {}
    for declaration in body.lower().split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        value = value.replace("!important", "").strip()
        if name in ("display", "visibility") and value not in ("inherit", "unset"):
            said[name] = value
        elif name == "mso-hide" and value != "none":
            said["display"] = "none"
        elif name in ("text-decoration", "text-decoration-line"):
            said["line"] = value
        elif name == "text-line-through" and value != "none":
            said["line"] = "line-through"
        elif name == "vertical-align" and value in ("super", "sub", "baseline"):
            said["align"] = value
        elif name == "opacity" and _NOTHING.fullmatch(value):
            said["display"] = "none"
        elif name == "font-size":
            said["size"] = "none" if _NOTHING.fullmatch(value) else "some"
    return said
