"""Numbers and prose as HTML."""
