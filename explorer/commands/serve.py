"""`om-explorer serve`: the page, on localhost unless told otherwise."""

from __future__ import annotations

import argparse
import gc
import socket

from explorer.commands.arguments import whole

DEFAULT_PORT = 5006


def port_number(text: str) -> int:
    """A TCP port, 0 for any that is free."""
    value = whole(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"a port lies in 0 ... 65535, got {value}")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--address", metavar="A", default="localhost", help="default: localhost")
    parser.add_argument(
        "--port",
        metavar="P",
        type=port_number,
        default=DEFAULT_PORT,
        help=f"default: {DEFAULT_PORT}; 0 takes one that is free",
    )
    parser.add_argument(
        "--files",
        metavar="FOLDER",
        action="append",
        default=[],
        help="with an address that others reach: let pages open files below it by their path (may be repeated)",
    )
    parser.add_argument("--no-show", action="store_true", help="open no browser")


def check_free(address: str, port: int) -> None:
    """ValueError that says so when the address cannot be listened on."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as problem:
        raise ValueError(f"--address {address}: {problem.strerror}") from None
    with socket.socket(family, kind, protocol) as probe:
        # As the server does: a port just left by another run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as problem:
            host = f"[{address}]" if ":" in address else address
            raise ValueError(
                f"cannot serve on {host}:{port}: {problem.strerror}; choose another with --port"
            ) from None


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    check_free(options.address, options.port)
    # The page's libraries take a second to import: only once the port is known to be free. All they allocate stays,
    # and looking through it for garbage would take a tenth of that time.
    gc.disable()
    from explorer.server.serve import serve

    gc.freeze()
    gc.enable()
    serve(options.address, options.port, show=not options.no_show, folders=options.files)
    return 0
