"""Integrals on a uniform mesh: plain sums, triangles, and their curves over mu."""
