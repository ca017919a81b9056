"""Dagster: assets, checks, jobs and schedules, thin definitions over plain functions.

`definitions` is what Dagster loads. There are no sensors: the inbox is looked at when a refresh runs.
"""
