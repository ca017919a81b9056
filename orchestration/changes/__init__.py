"""What moved between two releases, and why: files, figures, cities, classes, scores, estimates.

Belongs here: comparing two releases (`compare`), splitting the movement of an estimate into its causes
(`movement`), and saying both in words (`text`) and as a page (`page`). Does not belong here: rules that
stop a refresh (`expectations`), where releases lie (`releases`).
"""
