"""Reader and writer of Wannier90 files."""
