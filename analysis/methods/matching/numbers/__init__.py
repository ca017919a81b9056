"""Matching on arrays: propensity, neighbours, smooth weights, entropy balancing, balance.

Belongs here: pure functions on arrays. Does not belong here: which cities and years are matched
(`analysis.methods.matching.pools`), rows of tables.
"""
