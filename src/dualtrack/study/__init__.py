"""Studies: many runs with the same luck, and what their differences say."""
