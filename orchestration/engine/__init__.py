"""The engine: the one access to the database, behind a small protocol.

`protocol` says what a warehouse can do, `duck` does it with DuckDB, `warehouse` opens one and holds the
reads that several rooms share. No other room imports the database's library or executes anything
itself: queries stand beside what they are about, and are handed to a `Warehouse`.
"""
