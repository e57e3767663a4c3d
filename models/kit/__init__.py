"""What a model is made of: parameters, Hamiltonians, symmetries, arrays."""
