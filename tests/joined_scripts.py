"""The JavaScript of the page as it is sent, one file a component: `python -m tests.joined_scripts FOLDER` for a linter.

Parts of assets/live know each other only once they are joined, so that is what is linted and tested.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

from panel.custom import JSComponent

import explorer.app
import explorer.views


def joined_scripts() -> dict[str, str]:
    """Name of a component -> its module, of all components of ours."""
    for package in (explorer.app, explorer.views):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    ours: list[type[JSComponent]] = []
    waiting = [JSComponent]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        ours += [c for c in below if c.__module__.startswith("explorer.")]
    return {c.__name__: str(c._esm) for c in ours}


def main(folder: Path) -> None:
    """Write them, refusing to write none."""
    scripts = joined_scripts()
    if not scripts:
        raise SystemExit("no component with JavaScript was found")
    folder.mkdir(parents=True, exist_ok=True)
    for name, script in scripts.items():
        (folder / f"{name}.js").write_text(script, encoding="utf-8")
    print(f"{len(scripts)} scripts: {', '.join(sorted(scripts))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
