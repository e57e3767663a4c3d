"""The commands of `om-explorer`, one module each, with `add_arguments(parser)` and `run(options)`."""
