"""Hints at what was meant.

Belongs here: the nearest of known names. Does not belong here: what is wrong (`rules`, `loading`).
"""


def did_you_mean(name: str, known: tuple[str, ...]) -> str:
    """A hint at the nearest known name, or nothing."""
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


__all__ = ["did_you_mean"]
