"""What a sensitivity analysis says, in sentences made of its numbers.

Belongs here: from a row to sentences. Does not belong here: tables and figures (`section`), numbers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.typeset.numbers import fixed, is_missing, percent
from analysis.typeset.texts import _

AS_BEFORE = 1.0
"""Multiple of the largest change before the policy at which a violation is as large as that."""


def sentences(row: Mapping[str, Any], powers: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is known of one effect, from `sensitivity_effect` and its rows of `pretest_power`."""
    said = [_effect(row)]
    if excludes_zero(row):
        said += [_relative(row), _smooth(row)]
    said += [_power(row, each) for each in powers[:1]]
    return [each for each in said if each]


def excludes_zero(row: Mapping[str, Any]) -> bool:
    """Whether the effect can be told from 0 under parallel trends."""
    return bool(row["ci_low"] > 0 or row["ci_high"] < 0)


def _effect(row: Mapping[str, Any]) -> str:
    what = {
        "average": _("{label}, mean effect of the years {first} to {last} since the policy:"
                     " {estimate} ({low} to {high})."),
        "first": _("{label}, effect of the policy's first year: {estimate} ({low} to {high})."),
    }[str(row["effect"])]  # fmt: skip
    said = what.format(
        label=row["label"], first=0, last=int(row["last_time"]), estimate=fixed(row["estimate"]),
        low=fixed(row["ci_low"]), high=fixed(row["ci_high"]),
    )  # fmt: skip
    if excludes_zero(row):
        return said
    return f"{said} " + _(
        "It can't be told from 0 even if trends are parallel: there is nothing for other trends to overturn."
    )


def _relative(row: Mapping[str, Any]) -> str:
    limit = row["breakdown_relative"]
    if is_missing(limit):
        return _("No multiple of the changes before the policy overturns it.")
    said = _(
        "It can be told from 0 as long as the difference in trends changes in no year after the policy by more"
        " than {multiple} times its largest change before, which is estimated as {step}."
    ).format(multiple=fixed(limit, 2), step=fixed(row["largest_step"]))
    weight = (
        _("A violation no larger than those before the policy is enough to overturn it.")
        if float(limit) < AS_BEFORE
        else _("It takes a larger violation than any before the policy to overturn it.")
    )
    return f"{said} {weight}"


def _smooth(row: Mapping[str, Any]) -> str:
    limit = row["breakdown_smoothness"]
    if is_missing(limit):
        return _("No change of slope overturns it.")
    if float(limit) == 0:
        return _(
            "If the difference in trends of the years before goes on in a straight line, it can't be told from 0."
        )
    said = _(
        "If instead the difference in trends goes on in a line whose slope changes little, it can be told from 0"
        " up to a change of {limit} a year"
    ).format(limit=fixed(limit))
    if is_missing(row["largest_kink"]):
        return f"{said}."
    return f"{said}, " + _("where the largest such change before is estimated as {kink}.").format(
        kink=fixed(row["largest_kink"])
    )


def _power(row: Mapping[str, Any], power: Mapping[str, Any]) -> str:
    said = _(
        "Trends that differ by {slope} a year would be found by the test of leads {chance} of the time; where it"
        " misses them they move the effect by {bias} on average"
    ).format(
        slope=fixed(power["slope"]),
        chance=percent(float(power["power"]) / 100, 0),
        bias=fixed(power["bias_passed"]),
    )
    if not row["estimate"]:
        return f"{said}."
    return f"{said}, " + _("{share} of the estimate.").format(
        share=percent(abs(float(power["bias_passed"]) / float(row["estimate"])), 0)
    )


__all__ = ["excludes_zero", "sentences"]
