"""Stars of p values, the same in every table.

Belongs here: the levels and their stars. Does not belong here: the p values themselves.
"""

from collections.abc import Sequence

STAR_LEVELS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))  # as in the printed tables


def significance_stars(p_value: float, weaknesses: Sequence[str] = ()) -> str:
    """Stars of a p value: *** below 0.01, ** below 0.05, * below 0.1.

    None where `weaknesses` say why the error behind it isn't to be believed (`support`).
    """
    if weaknesses:
        return ""
    return next((stars for level, stars in STAR_LEVELS if p_value < level), "")


__all__ = ["STAR_LEVELS", "significance_stars"]
