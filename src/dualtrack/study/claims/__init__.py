"""Statements held against the model, the fact book, the chips and the rules: `dualtrack claims`.

A claims file (`files.py`) names for each statement one or more measures. Each measure (`of_*.py`)
gives numbers; a test (`criterion.py`) says which of them agree; thresholds make a verdict of the share that does
(`verdicts.py`). All runs that the measures need are planned first and simulated once, over the same draws (`runs.py`).
"""
