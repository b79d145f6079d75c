"""The explorer: the engine in a browser, pages made by the server."""
