"""What each command does, between the parsing in `cli` and the layers below; each imports only what it needs."""
