"""Releases: written in their formats, described, validated, put in place, kept.

`manifest` says what a release is, `formats` in which forms its tables go out, `validate` whether it may
be seen, `place` and `lock` how it becomes the one that readers find.
"""
