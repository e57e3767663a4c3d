"""Results as files: datasets, pictures, what a page shows."""
