"""Eight wave vectors at a time."""
