"""`om-explorer serve` as a person starts it: the address is printed once the page answers there."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

ENTRY = Path(sys.executable).with_name("om-explorer")


def test_the_printed_address_answers_and_an_interrupt_ends_it() -> None:
    argv = [ENTRY, "serve", "--no-show", "--port", "0"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            found = re.search(r"http://localhost:\d+/\S*", line)
            assert found, line
            with urllib.request.urlopen(found.group(), timeout=60) as answer:
                assert answer.status == 200
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0
