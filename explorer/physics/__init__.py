"""What is computed from H(k): unit-documented functions and kernels on plain arrays, free of any GUI."""
