"""Printed coefficients beside estimated ones: `tables` what is stored, `compare` how they agree.

Belongs here: the comparison of coefficients of papers with those of a study, whatever method estimated
them. Does not belong here: estimation (`analysis.methods`), what was printed (seeds), regression tables
side by side (`analysis.report.table`).
"""
