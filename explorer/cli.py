"""The command line `om-explorer`. Without a command it serves the page and opens the browser."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from explorer.commands import geometry, models
from explorer.commands.arguments import keep_negative_values

COMMANDS = (models, geometry)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse would print the usage too."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = _Parser(prog="om-explorer", description=__doc__, allow_abbrev=False)
    whole.add_argument("--version", action="version", version=f"om-explorer {version('om-explorer')}")
    commands = whole.add_subparsers(metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    for command_parser in commands.choices.values():
        command_parser.allow_abbrev = False
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when all is well, 1 when a check fails, 2 for bad input."""
    words = list(sys.argv[1:] if argv is None else argv) or ["serve"]
    try:
        options = parser().parse_args(keep_negative_values(words))
        if "run" not in options:
            raise ValueError(f"no command given; one of {', '.join(c.__name__.rsplit('.')[-1] for c in COMMANDS)}")
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader (head, less) has what it wanted; a flush at exit would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as problem:
        print(f"om-explorer: error: {one_line(problem)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def one_line(problem: Exception) -> str:
    """The message of an error in one line; a file error says which file and why."""
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}"
    return " ".join(str(problem).split())
