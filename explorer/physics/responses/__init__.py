"""One file a response: its densities, its units, and its row in the catalogue."""
