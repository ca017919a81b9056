"""What balance is called sufficient: the bounds that rules, notes and figures share.

Belongs here: those numbers. Does not belong here: measuring balance (`balance`).
"""

LARGEST_DIFFERENCE = 0.1
"""Standardised difference of means after matching (Austin 2009)."""
LARGEST_B = 25.0
"""Rubin's B, per cent (Rubin 2001)."""
LEAST_R, LARGEST_R = 0.5, 2.0
"""Rubin's R (Rubin 2001)."""

__all__ = ["LARGEST_B", "LARGEST_DIFFERENCE", "LARGEST_R", "LEAST_R"]
