"""Estimating: studies and measures on the warehouse's tables, and the tables that come of them."""
