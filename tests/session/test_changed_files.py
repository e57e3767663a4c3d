"""What is known of a file is known of its content: no cache answers for what stood at the same path before."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace as replace_fields
from pathlib import Path

import numpy as np
import pytest

from explorer.meshes.cache import GeometryCache
from explorer.session.query import as_of_now, from_query, to_query
from explorer.session.ranges import density_bounds, mu_bounds, whole_range
from explorer.session.source import open_source
from explorer.session.source_name import ChangedError, SourceName
from explorer.session.state import default_state, opened, source_model
from tests.e2e.test_changed_files import write
from tests.models.files.wannier90.wannier_files import centres_lines, hr_lines, random_model, save, win_lines


def edit(file: Path) -> None:
    write(file, hop=0.9)  # as long as before


def stretch(file: Path) -> None:
    write(file, value=1.25)


def replace(file: Path) -> None:
    os.replace(write(file.with_name("new.toml"), hop=0.7), file)


def swap_with_its_times(file: Path) -> None:
    """Another file of the same size and the same time: `cp -p`."""
    new, old = write(file.with_name("new.toml"), hop=0.7), file.stat()
    os.utime(new, ns=(old.st_atime_ns, old.st_mtime_ns))
    os.replace(new, file)


@pytest.mark.parametrize("change", [edit, stretch, replace, swap_with_its_times])
def test_a_changed_file_is_another_source(change: Callable[[Path], None], tmp_path: Path) -> None:
    file = write(tmp_path / "mine.toml")
    cache = GeometryCache(2**24)
    before = default_state(str(file))
    whole_range(before.source), density_bounds(before.source), mu_bounds(before.source)
    mesh = cache.get(before, 6)
    change(file)
    after = default_state(str(file))
    assert after.geometry_key != before.geometry_key
    with pytest.raises(ChangedError, match=r"mine\.toml has changed on disk since it was opened: reload it"):
        opened(before)
    copy = tmp_path / "never_seen.toml"
    copy.write_bytes(file.read_bytes())
    unseen = default_state(str(copy))
    assert after.parameters == unseen.parameters
    for known in (mu_bounds, whole_range, density_bounds):
        assert known(after.source) == known(str(file)) == known(unseen.source)
    new = cache.get(after, 6)
    assert np.array_equal(new.corners.energy, cache.get(unseen, 6).corners.energy)
    assert not np.allclose(new.corners.energy, mesh.corners.energy)
    assert cache.peek(before, 6) is mesh  # an open page goes on with what it has


def test_a_file_beside_counts_and_a_stranger_does_not(tmp_path: Path) -> None:
    model = random_model(2, 3, weights=False)
    file = save(tmp_path / "seed_hr.dat", hr_lines(model))
    save(tmp_path / "seed.win", win_lines(model))
    centres = save(tmp_path / "seed_centres.xyz", centres_lines(model))
    before = str(SourceName.parse(str(file)).current)
    (tmp_path / "results.csv").write_text("1")
    assert str(SourceName.parse(str(file)).current) == before
    centres.unlink()
    without = str(SourceName.parse(str(file)).current)
    assert without != before
    save(tmp_path / "wannier90.wout", ["", ""])
    assert str(SourceName.parse(str(file)).current) not in (before, without)


def test_a_version_is_seen_by_nobody(tmp_path: Path) -> None:
    file = write(tmp_path / "mine.toml")
    state = default_state(str(file))
    assert to_query(state) == {"model": str(file)}
    named = SourceName.parse(state.source)
    assert (named.name, named.settings) == (str(file), ())
    assert str(named.with_setting("window", "-1:1").written) == f"{file}#window=-1:1"
    assert open_source(state.source).name == str(file)
    same, refused = from_query(to_query(state))
    assert same == state
    assert not refused
    assert str(SourceName.parse("haldane").current) == default_state("haldane").source == "haldane"
    _, (said,) = from_query({"model": str(file), "nonsense": "1"})
    assert said == f"nonsense=1: {file} has no such parameter"


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    file = write(tmp_path / "mine.toml")
    state = default_state(str(file))
    file.unlink()
    with pytest.raises(ChangedError, match=r"^mine\.toml is gone from its place$") as raised:
        opened(state)
    assert raised.value.gone
    assert source_model(state.source).key == "mine"  # as long as it is remembered
    with pytest.raises(ValueError, match="no such file"):
        default_state(str(file))


def test_a_state_moves_to_the_file_as_it_is_now(tmp_path: Path) -> None:
    """What an address does not say is kept, too: the tolerance, forced pairs, the wave vector."""
    file = write(tmp_path / "mine.toml")
    more = {"mu": 0.4, "degeneracy_tolerance": 1e-3, "kramers_pairs": True, "k": (0.1, 0.2)}
    before = replace_fields(default_state(str(file)).with_parameter("shift", 0.7), **more)
    assert as_of_now(before) == (before, [])
    edit(file)
    after, refused = as_of_now(before)
    assert not refused
    assert after.source != before.source
    assert after == replace_fields(before, source=after.source)
    write(file, name="other")
    after, refused = as_of_now(before)
    assert refused == [f"shift=0.7: {file} has no such parameter"]
    assert after.parameters == (("other", 0.3),)
