"""What the user has chosen: source, parameters, mu, T, fields; in a URL, on the command line."""
