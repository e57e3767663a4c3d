"""Small crystals on which the product was once wrong."""

from pathlib import Path

CASES = Path(__file__).parent
