"""Equation (11) at one k: as printed, without gauge, by terms; the geometry of a mesh of k."""
