"""Equation (11) fast: a kernel for each size and structure of matrix."""
