"""What every test needs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

# Under CI the same examples every time: what turns red there is what was changed. Elsewhere they vary.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A disk cache of their own: tests neither read nor fill the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OM_EXPLORER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_blas_thread() -> Iterator[None]:
    """Products of small matrices wait longer for a second BLAS thread than they take."""
    with threadpool_limits(1, "blas"):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser last: its event loop runs to the end of the session, and others want their own."""
    items.sort(key=lambda item: "tests/e2e/" in item.nodeid)
