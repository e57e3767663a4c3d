"""The Brillouin zone: meshes, outline, paths."""
