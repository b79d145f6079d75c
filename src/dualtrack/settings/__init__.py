"""What a reader may set: the controls, a scenario's defaults at them, and a whole setting as an address, a command and a file."""
