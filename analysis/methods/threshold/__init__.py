"""Panel threshold models: the slope of a regressor changes with the regime of another variable."""
