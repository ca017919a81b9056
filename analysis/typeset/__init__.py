"""Setting type: numbers, words, fonts and drawings that any page or table uses.

Belongs here: how a thing is printed. Does not belong here: which things (`report`, the rooms of the methods).
"""
