"""Responses over parameters of a model or over several files: computed by many processes, kept in a Zarr store."""
