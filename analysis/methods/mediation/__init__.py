"""Mediation: how much of an effect runs through a mediator, by two regressions and a bootstrap."""
