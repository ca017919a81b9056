"""What the report is made from: queries of a built warehouse."""
