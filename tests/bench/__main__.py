"""Every ratio of the kernels in one table: `python -m tests.bench [--whole]`."""

from __future__ import annotations

import argparse
import os
import warnings
from itertools import chain

from threadpoolctl import threadpool_limits

from tests.bench.kernels import rows
from tests.bench.quadrature import adaptive_rows
from tests.bench.ticks import tick_rows


def main() -> None:
    """Print the table as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--whole", action="store_true", help="also bilayer CrI3 on 96 x 96 points")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; median (quartiles)", flush=True)
    with threadpool_limits(1):
        for row in chain(rows(options.whole), adaptive_rows(), tick_rows()):
            print(row, flush=True)


if __name__ == "__main__":
    main()
