"""A run as a reader meets it: charts, the brief, tables for other tools, the terminal."""
