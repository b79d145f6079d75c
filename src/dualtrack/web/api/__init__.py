"""The JSON interface, `/api/v1/...`: the same answers as the pages."""
