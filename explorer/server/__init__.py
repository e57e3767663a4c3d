"""The page on a port, for one or for many."""
