"""Sliders, formula, files to open."""
