"""Readers: where H(k) comes from a file."""
