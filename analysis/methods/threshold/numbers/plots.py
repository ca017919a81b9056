"""Pictures of a threshold search. Numbers come from `search`; nothing is computed here."""

from typing import TYPE_CHECKING

from analysis.methods.threshold.numbers.search import LikelihoodRatio

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_likelihood_ratio(interval: LikelihoodRatio, *, variable: str = "threshold") -> "Figure":
    """LR against the candidates with its critical value; candidates inside the set are marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(interval.grid, interval.lr, color="0.35", linewidth=1)
    inside = interval.inside
    axes.plot(
        interval.grid[inside],
        interval.lr[inside],
        ".",
        color="C0",
        markersize=4,
        label=f"{interval.level:.0%} set: {interval.lower:.4g} to {interval.upper:.4g}",
    )
    axes.axhline(
        interval.critical,
        color="C3",
        linestyle="--",
        linewidth=1,
        label=f"critical value {interval.critical:.2f}",
    )
    axes.set_xlabel(variable)
    axes.set_ylabel("likelihood ratio")
    title = f"threshold {interval.threshold:.4g}"
    if interval.given:
        title += " given " + ", ".join(f"{g:.4g}" for g in interval.given)
    axes.set_title(title, fontsize="medium")
    axes.legend(fontsize="small")
    return figure
