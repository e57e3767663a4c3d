"""Bokeh figures: plots, layout, colours, ticks."""
