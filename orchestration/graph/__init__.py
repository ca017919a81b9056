"""Dagster: assets, checks, jobs and schedules, thin definitions over plain functions."""
