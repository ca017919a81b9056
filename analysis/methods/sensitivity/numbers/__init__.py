"""Numbers of the sensitivity analysis, on arrays: an event study's effects and their covariance go in.

Belongs here: bounds on violations, intervals under them, power of the pre-test. Does not belong here: estimators,
rows of tables.
"""
