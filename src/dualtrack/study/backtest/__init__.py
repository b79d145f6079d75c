"""Forecasts of the engine from past dates, with what was known then, against what happened."""
