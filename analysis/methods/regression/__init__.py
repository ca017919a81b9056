"""Tables of regressions: one equation per column, by groups of cities where a column is split."""
