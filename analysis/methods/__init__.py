"""Methods: one room per way of estimating, each with its keys, numbers, run, tables, rules and section.

Belongs here: the rooms and the registry that lists them. Does not belong here: what several rooms share (`study`,
`regression`, `tables`, `typeset`).
"""
