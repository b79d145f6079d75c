"""What worker processes compute: plain arguments in, bytes out; nothing here knows of HTTP."""
