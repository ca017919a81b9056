"""What errors are clustered by, in words.

Belongs here: the word for the column that a study names. Does not belong here: who is in which cluster.
"""

SUFFIXES = ("_code", "_id")
"""Ends of columns that hold keys: the word is what stands before."""


def cluster_word(column: str) -> str:
    """The word for a column of keys in "clustered by ...": `province_code` is province."""
    for suffix in SUFFIXES:
        column = column.removesuffix(suffix)
    return column.replace("_", " ")


__all__ = ["cluster_word"]
