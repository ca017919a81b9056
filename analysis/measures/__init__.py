"""Measures of cities that no study declares: efficiency and inequality, set up by seeds."""
