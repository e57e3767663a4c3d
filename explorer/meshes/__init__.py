"""Geometries on meshes: computed, cached in memory, kept on disk, shipped."""
