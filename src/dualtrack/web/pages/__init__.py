"""The pages of the explorer, one module for each."""
