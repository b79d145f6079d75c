"""The months: a pure step from one month's state to the next, and the loops that run it."""
