"""Text and archives before they are matrices."""
