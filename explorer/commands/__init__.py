"""The commands of `om-explorer`, one module each: `add(subparsers)` declares it, `run(options)` does it."""
