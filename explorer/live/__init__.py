"""From a state to frames: the worker of one session, its stages, what a frame holds."""
