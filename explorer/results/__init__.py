"""Responses of a source over mu, density and temperature, with their bars."""
