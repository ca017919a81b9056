"""Landing: the inbox, the store of cells, and the readers of files."""
