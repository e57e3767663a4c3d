"""Integrals over the zone: sums, triangles, adaptive quadrature, the Mott integral."""
