"""What we choose: keys, scenarios, and the settings of one run."""
