"""The command line `om-explorer`. Without a command it serves the page and opens the browser."""

from __future__ import annotations

import argparse
import codecs
import importlib
import io
import os
import sys
import unicodedata
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from explorer.commands.arguments import keep_negative_values

COMMANDS = {
    "serve": "serve the page on localhost and open the browser (what no command does)",
    "models": "list the models and their parameters",
    "geometry": "energies, Lambda of (11), metric, curvature and moment at given wave vectors",
    "bands": "energies and Lambda along the model's path",
    "responses": "list the responses that compute knows, with units and symmetry",
    "compute": "responses over chemical potentials and temperatures",
    "sweep": "responses over parameters of a model or over several files, by many processes, in a Zarr store",
    "kmap": "Lambda, or the density of any response, over the Brillouin zone, as data or picture",
    "precompute": "geometry of a large source on a mesh, kept on disk for the page",
    "check": "hold a source against the relations of the theory",
}
"""Each is a module of `explorer.commands`, imported only when it is called for: the page's need seconds."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse would print the usage too."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def run(words: Sequence[str]) -> int:
    """Run one command; ValueError or OSError for bad input."""
    whole = _Parser(prog="om-explorer", description=__doc__, allow_abbrev=False)
    whole.add_argument("--version", action="version", version=f"om-explorer {version('om-explorer')}")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for name, purpose in COMMANDS.items():
        parser = commands.add_parser(name, help=purpose, description=purpose, allow_abbrev=False)
        if name == words[0]:
            command = importlib.import_module(f"explorer.commands.{name}")
            command.add_arguments(parser)
            parser.set_defaults(run=command.run)
    options = whole.parse_args(keep_negative_values(words))
    status: int = options.run(options)
    sys.stdout.flush()
    return status


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when all is well, 1 when a check fails, 2 for bad input."""
    words = list(sys.argv[1:] if argv is None else argv)
    say_what_can_be_said()
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words = ["serve", *words]
    try:
        return run(words)
    except BrokenPipeError:
        # The reader (head, less) has what it wanted; a flush at exit would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as problem:
        print(f"om-explorer: error: {one_line(problem)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


PLAIN = {
    "°": " deg",
    "ħ": "hbar",
    "ℏ": "hbar",
    "−": "-",
    "–": "-",
    "×": "x",
    "·": "*",
    "′": "'",
    "→": "->",
    "≤": "<=",
    "…": "...",
}
"""Signs that not every terminal has, and what says the same in ASCII."""


def spelled(sign: str) -> str:
    """One sign in ASCII: by `PLAIN`, a Greek letter by its name, others without their decoration, else a question mark.

    >>> spelled("Å") + spelled("λ") + spelled("₃")
    'Alambda3'
    """
    kind, _, letter = unicodedata.name(sign, "").partition(" LETTER ")
    letter = letter.replace("LAMDA", "LAMBDA")  # Unicode's own spelling
    if kind in ("GREEK SMALL", "GREEK CAPITAL") and letter.isalpha():
        return letter.lower() if kind == "GREEK SMALL" else letter.title()
    return PLAIN.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"


def in_plain_letters(problem: UnicodeError) -> tuple[str, int]:
    """A codec's error handler: what the encoding lacks is `spelled`."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    return "".join(map(spelled, problem.object[problem.start : problem.end])), problem.end


def say_what_can_be_said() -> None:
    """Let stdout and stderr replace what their encoding (cp1252, cp932, ascii) lacks, where Python would raise."""
    codecs.register_error("om-explorer", in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "backslashreplace"):
            stream.reconfigure(errors="om-explorer")


def one_line(problem: Exception) -> str:
    """The message of an error in one line; a file error says which file and why."""
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}"
    return " ".join(str(problem).split())
