"""Many bands reduced exactly to the few that mu reaches, and interpolated between nodes."""
