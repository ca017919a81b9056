"""The command line: a module per verb, and `registry` that lists them.

A verb is a module with a `Verb`: its arguments and what it does. Heavy imports wait until it runs: an
unchanged input is answered without Dagster.
"""
