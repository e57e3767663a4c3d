"""What H(k) is: one file per model, and readers of Wannier files. Knows no response and no GUI."""
