"""One cell of the adaptive mesh: its points, its polynomials, its Fermi line, its images."""
