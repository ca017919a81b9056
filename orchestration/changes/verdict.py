"""Whether a release may go out by itself: the policy's bounds, held against what moved.

Belongs here: what breaks a bound, in words. Does not belong here: reading the policy (`releases.policy`),
acting on it (`releases.decisions`).
"""

from __future__ import annotations

from orchestration.changes.compare import PRINTED, Changes, each
from orchestration.releases.policy import REVIEW, Policy

COUNTED = ("marts.city_year", "marts.indicator_value", "marts.index_score")
"""Tables whose rows must not go unseen."""


def reasons_to_wait(policy: Policy, changes: Changes | None) -> tuple[str, ...]:
    """Why a release is left as a draft; none where it may go out.

    Without a release to compare with (the first one) only the policy itself can hold it back.
    """
    found = ["the policy asks for review"] if policy.publish == REVIEW else []
    if changes is None:
        return tuple(found)
    bounds = policy.bounds
    if (most := bounds.rows_lost_percent) is not None:
        for name in COUNTED:
            before, after = changes.rows.get(name, (0, 0))
            lost = 100 * (before - after) / before if before else 0.0
            if lost > most:
                found.append(
                    f"{name} has {lost:.2g} % fewer rows ({before:,} to {after:,}); bound {most:g} %"
                )
    if (most := bounds.cities_lost) is not None:
        cities = changes.tables["cities"]
        gone = cities.loc[cities["change"] == "gone", "city_name"]
        if len(gone) > most:
            found.append(f"{len(gone)} cities are gone ({', '.join(gone[:3])}); bound {most:g}")
    if (most := bounds.quarantine_more_percent) is not None:
        told = changes.tables["quarantine"]
        before, after = (int(told[f"figures_{side}"].sum()) for side in ("before", "after"))
        more = 100 * (after - before) / before if before else (100.0 if after else 0.0)
        if more > most:
            found.append(
                f"{more:.3g} % more figures are quarantined ({before:,} to {after:,}); bound {most:g} %"
            )
    if (most := bounds.figures_revised_percent) is not None:
        told = changes.tables["figures"]
        printed = told[(told["change"] == "revised") & told["value_kind"].isin(PRINTED)]
        before = changes.rows.get("marts.indicator_value", (0, 0))[0]
        share = 100 * int(printed["figures"].sum()) / before if before else 0.0
        if share > most:
            found.append(
                f"{share:.2g} % of all figures were revised ({int(printed['figures'].sum()):,}); bound {most:g} %"
            )
    if (most := bounds.headline_in_errors) is not None:
        for row in each(changes.headlines):
            if abs(row.in_errors) > most:
                found.append(
                    f"{row.study}: the headline estimate moved by {row.in_errors:+.2g} standard errors"
                    f" ({row.estimate_before:.4g} to {row.estimate_after:.4g}); bound {most:g}"
                )
    for row in each(changes.headlines):
        if row.status_before == "estimated" and row.status_after != "estimated":
            found.append(f"{row.study}: the headline was estimated and is {row.status_after} now")
    return tuple(found)


__all__ = ["COUNTED", "reasons_to_wait"]
