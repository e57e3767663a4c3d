"""The live canvas: its messages and its numbers."""
