"""Keys of bounds for an incomplete roster in a study file.

Belongs here: their shape and meaning. Does not belong here: rules between keys (`problems`).
"""

from analysis.study.keys import Identifier, OneEquation, Text


class RosterBounds(OneEquation):
    """The policy's coefficient without the untreated cities that its roster may lack."""

    id: Identifier
    title: Text
