"""Effects of a policy that begins in different years, on arrays: one module per estimator.

Belongs here: estimators, the decomposition of two-way effects, what they have in common. Does not belong
here: designs, rows of tables.
"""
