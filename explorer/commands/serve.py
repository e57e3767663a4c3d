"""`om-explorer serve`: the page, on localhost unless told otherwise."""

from __future__ import annotations

import argparse
import gc
import logging
import socket
from pathlib import Path

from explorer.commands.arguments import whole

DEFAULT_PORT = 5006


def port_number(text: str) -> int:
    """A TCP port, 0 for any that is free."""
    value = whole(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"a port lies in 0 ... 65535, got {value}")
    return value


def count_of(text: str) -> int:
    """A whole number from 1 on."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"1 or more is meant, got {value}")
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
    parser.add_argument(
        "--allow-origin",
        metavar="HOST",
        action="append",
        default=[],
        help="name by which browsers reach the server, HOST or HOST:PORT, as behind a proxy (may be repeated)",
    )
    parser.add_argument(
        "--root-path", metavar="/PREFIX", default="", help="below which a reverse proxy serves it"
    )
    parser.add_argument(
        "--frame-ancestors",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="page that may embed this one, e.g. https://moodle.example.org (may be repeated)",
    )
    parser.add_argument(
        "--max-sessions",
        metavar="N",
        type=count_of,
        default=200,
        help="pages open at the same time; default: 200",
    )
    parser.add_argument(
        "--basic-auth", metavar="FILE", help="JSON of users and passwords: only they see the page"
    )
    parser.add_argument(
        "--oauth",
        metavar="PROVIDER",
        help="as Panel names it; key and secret in PANEL_OAUTH_KEY and PANEL_OAUTH_SECRET",
    )
    parser.add_argument("--no-show", action="store_true", help="open no browser")
    parser.add_argument(
        "--log", action="store_true", help="write a line for each request to the error output"
    )


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
    from explorer.server.settings import Settings

    gc.freeze()
    gc.enable()
    if options.basic_auth is not None and not Path(options.basic_auth).is_file():
        raise ValueError(f"--basic-auth {options.basic_auth}: no such file")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("explorer.requests").setLevel(logging.INFO if options.log else logging.ERROR)
    serve(
        Settings(
            address=options.address,
            port=options.port,
            show=not options.no_show,
            folders=tuple(options.files),
            origins=tuple(options.allow_origin),
            root_path=options.root_path,
            frame_ancestors=tuple(options.frame_ancestors),
            most_sessions=options.max_sessions,
            password_file=options.basic_auth,
            oauth=options.oauth,
        )
    )
    return 0
