"""The explorer: the model in the browser."""
