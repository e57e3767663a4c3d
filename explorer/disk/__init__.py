"""What is written to disk: where it is kept, and so that what bears a name is whole."""
