"""Releases: put in place, described, validated, kept."""
