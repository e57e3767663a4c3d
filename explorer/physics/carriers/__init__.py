"""How many electrons: fillings, and mu at a held density."""
