"""The band that the maps follow: against bands whose place is plain to see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.cli import main
from explorer.live.frame import frame_of
from explorer.results.bands_and_maps import lambda_map
from explorer.session.map_band import band_words, nearest_band, shown_band
from explorer.session.source import open_source
from explorer.session.state import NEAREST, OCCUPIED, default_state

ENERGY = np.array([[-3.0, -2.0, -1.0], [0.0, 0.2, 0.4], [0.1, 1.5, 5.0], [6.0, 6.5, 7.0]])
"""Four bands: one apart, two that overlap, one apart."""


@pytest.mark.parametrize(
    ("mu", "band"),
    [(-9.0, 0), (-1.5, 0), (-0.4, 1), (0.05, 1), (0.3, 1), (3.0, 2), (5.4, 2), (5.6, 3), (9.0, 3)],
)
def test_the_nearest_band_holds_mu_or_comes_closest(mu: float, band: int) -> None:
    assert nearest_band(ENERGY, mu) == band


def test_of_a_pair_the_lower_band_is_taken_whatever_the_rounding() -> None:
    energy = np.repeat(ENERGY[1:3], 2, axis=0)
    for sign in (1.0, -1.0):
        assert nearest_band(energy + sign * 1e-14 * np.arange(4.0)[:, None], 0.3) == 0


def test_a_choice_stands_for_the_sum_or_a_band() -> None:
    assert shown_band(OCCUPIED, ENERGY, 0.3) is None
    assert shown_band(NEAREST, ENERGY, 3.0) == 2
    assert shown_band(3, ENERGY, -9.0) == 2
    assert shown_band(40, ENERGY, 0.0) == 3, "the highest one kept"
    assert [band_words(c, ENERGY, 3.0) for c in (OCCUPIED, NEAREST, 1)] == [
        "occupied states",
        "band 3, nearest μ",
        "band 1",
    ]


def test_the_page_and_the_command_line_show_the_same_band() -> None:
    state = replace(default_state("cumnas"), band=NEAREST)
    for mu, band in ((-1.0, 1), (0.3, 3)):
        shown = frame_of(replace(state, mu=mu), mesh=16)
        found = explorer.kmap("cumnas", mu=mu, temperature=state.temperature, mesh=16, band="nearest")
        for i, axis in enumerate("xy"):
            np.testing.assert_allclose(found[f"lambda_{axis}"].values.ravel(), shown.lambda_map[i], rtol=1e-9)
        assert f"band {band} of 4" in found.lambda_x.attrs["long_name"]
    chosen = lambda_map(open_source("cumnas"), 0.3, 100.0, mesh=16, band=2)
    np.testing.assert_allclose(chosen.values.reshape(2, -1), shown.lambda_map, rtol=1e-9)


def test_the_command_line_takes_the_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "map.csv"
    command = ["kmap", "haldane", "--mu", "0.8", "--temperature", "300", "--mesh", "9", "--out", str(file)]
    assert main([*command, "--band", "nearest"]) == 0
    nearest = file.read_text()
    assert main([*command, "--band", "1"]) == 0
    assert [line for line in nearest.splitlines() if line[0] not in "#k"] == [
        line for line in file.read_text().splitlines() if line[0] not in "#k"
    ]
    assert main([*command, "--band", "near"]) == 2
    assert "'near' is neither a whole number nor nearest" in capsys.readouterr().err
