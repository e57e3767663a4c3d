"""From frames to messages and elements."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from explorer.export.colour_scale import SHARPNESS, ColourScale, colour_bytes
from explorer.live.frame import Frame, frame_of
from explorer.session.state import State, default_state
from explorer.views.elements import frame_elements
from explorer.views.live.glyphs import fermi_contour
from explorer.views.live.readouts import foot_html
from explorer.views.live.wire_format import pack
from explorer.views.live.writer import MessageWriter
from explorer.views.sidebar.sliders import nice_step, slider_spec, symbol_html
from explorer.views.text.numbers import scientific, with_error


@pytest.fixture(scope="module", params=["haldane", "tilted-dirac"])
def frame(request: pytest.FixtureRequest) -> Frame:
    return frame_of(default_state(request.param), mesh=24)


def unpack(message: bytes) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    size = struct.unpack_from("<I", message)[0]
    head = json.loads(message[4 : 4 + size])
    types = {"f4": np.float32, "u1": np.uint8}
    return head, {
        n: np.frombuffer(message, types[t], count, offset) for n, (t, offset, count) in head["arrays"].items()
    }


def test_a_message_holds_its_arrays_aligned() -> None:
    arrays = {"a": np.arange(7, dtype=np.uint8), "b": np.linspace(0, 1, 5), "c": np.zeros(0)}
    head, found = unpack(pack({"frame": 3, "text": "χ"}, arrays))
    assert head["frame"] == 3
    assert head["text"] == "χ"
    assert all(entry[1] % 4 == 0 for entry in head["arrays"].values())  # type: ignore[attr-defined]
    np.testing.assert_array_equal(found["a"], arrays["a"])
    np.testing.assert_allclose(found["b"], arrays["b"], atol=1e-7)


def test_colours_are_centred_and_symmetric() -> None:
    values = np.array([0.0, 2.0, -2.0, 9.0, -9.0, 0.02])
    found = colour_bytes(values, 2.0).astype(int)
    assert list(found[:5]) == [128, 255, 1, 255, 1]
    shade = (found[5] - 128) / 127 * np.arcsinh(SHARPNESS)
    assert np.sinh(shade) / SHARPNESS * 2.0 == pytest.approx(0.02, rel=0.05)


def test_a_message_says_where_colours_end_and_values_do_not(frame: Frame) -> None:
    head, _ = unpack(MessageWriter().write(frame, 1, exact=False))
    drawn: dict[str, float] = head["map"]  # type: ignore[assignment]
    assert drawn["largest"] == pytest.approx(np.abs(frame.lambda_map).max())
    spike = frame.lambda_map.copy()
    spike[0, 3] = -1e3 * drawn["limit"]
    head, _ = unpack(MessageWriter().write(replace(frame, lambda_map=spike), 1, exact=False))
    assert head["map"]["largest"] == pytest.approx(1e3 * drawn["limit"])  # type: ignore[index]
    assert head["map"]["limit"] < 1e-2 * head["map"]["largest"]  # type: ignore[index]


def test_the_scale_is_round_and_steady() -> None:
    scale = ColourScale()
    assert scale.follow(np.full(100, 3.1)) == 5.0
    assert scale.follow(np.full(100, 4.2)) == 5.0
    assert scale.follow(np.full(100, 1.9)) == 5.0
    assert scale.follow(np.full(100, 0.9)) == 1.0
    assert scale.follow(np.zeros(100)) == 1.0
    assert scale.follow(np.full(100, 3e-9)) == 1.0  # rounding is not spread over the colours
    assert scale.follow(np.full(100, 3e-6)) == pytest.approx(5e-6)


def test_only_what_changed_is_sent_again(frame: Frame) -> None:
    writer = MessageWriter()
    _, first = unpack(writer.write(frame, 1, exact=False))
    assert {"path_x", "map_x", "chi", "outline"} <= set(first)
    _, same = unpack(writer.write(frame, 2, exact=False))
    assert same == {}
    assert set(unpack(MessageWriter().write(frame, 3, exact=False))[1]) == set(first)


def test_the_contour_lies_on_mu(frame: Frame) -> None:
    m, state = frame.geometry, frame.state
    line = fermi_contour(m, state.mu).reshape(-1, 2)
    line = line[np.isfinite(line).all(axis=1)].astype(float)
    assert len(line) > 4
    from explorer.physics.geometry.band_geometry import band_geometry

    energy = band_geometry(m.source.hamiltonian, line.T).energy
    width = float(m.corners.energy.max() - m.corners.energy.min())
    assert np.abs(energy - state.mu).min(axis=0).max() < 0.03 * width  # of a mesh of 24 points


def test_the_foot_says_what_is_not_converged(frame: Frame) -> None:
    cards = foot_html(frame, ())
    assert "not converged" in cards["responses"]
    assert "e &lt; 0" in cards["magnetization"]


def test_the_foot_says_which_electrons_a_model_leaves_out(frame: Frame) -> None:
    cone = frame.state.source == "tilted-dirac"
    assert ("K; one valley</small>" in foot_html(frame, ())["responses"]) == cone


def test_carriers_of_a_gap_are_none(frame: Frame) -> None:
    def shown(density: float) -> str:
        point = replace(frame.point, density=density)
        rows = foot_html(replace(frame, point=point), ())["magnetization"].split("<tr>")
        return next(r for r in rows if "cm⁻²" in r)

    assert "<td class=n>0</td>" in shown(-3.05)
    assert "−3.05·10<sup>9</sup>" in shown(-3.05e9)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (-1.2345e-5, 2.1e-8, "(−1.2345 ± 0.0021)·10<sup>−5</sup>"),
        (0.5, 0.01, "0.500 ± 0.010"),
        (0.0, 0.0, "0"),
        (7.8158439212e-7, 3e-16, "7.8158439·10<sup>−7</sup>"),
        (0.5, 0.0, "0.5"),
    ],
)
def test_error_bars_round_the_value(value: float, error: float, text: str) -> None:
    assert with_error(value, error) == text


def test_numbers_and_symbols() -> None:
    assert scientific(-3.2e-7, 2) == "−3.2·10<sup>−7</sup>"
    assert scientific(9.6e-16, 1) == "1·10<sup>−15</sup>"
    assert [scientific(v) for v in (1e4, 12345.0, 0.001234)] == ["10000", "12340", "0.001234"]
    assert scientific(1000.0, 3) == "1000"


def test_rounding_is_printed_as_zero_and_an_error_bar_is_kept(frame: Frame) -> None:
    largest = float(np.abs(frame.curves.chi).max())

    def shown(value: float, error: float) -> str:
        point = replace(frame.point, chi=np.array([1.0, value]), chi_error=np.array([0.1, error]))
        rows = foot_html(replace(frame, point=point), ())["responses"].split("<tr>")
        return next(r for r in rows if "χ<sub>y</sub>" in r)

    assert "<td class=n>0</td>" in shown(1e-11 * largest, -0.0)
    assert "±" in shown(1e-11 * largest, 1e-4 * largest)
    assert "±" in shown(1e-4 * largest, 1e-11 * largest)
    assert symbol_html(r"\theta_n") == "θ<sub>n</sub>"
    assert symbol_html("t'") == "t′"
    assert nice_step(0.0, 3.0) == pytest.approx(0.02)


def test_every_quantity_has_its_slider() -> None:
    state: State = replace(default_state("haldane"), mu=0.2)
    items = {item["name"]: item for group in slider_spec(state) for item in group["items"]}
    assert set(items) == {
        "mu",
        "n",
        "T",
        *dict(state.parameters),
        "E",
        "E_angle",
        "gradT",
        "gradT_angle",
        "tau",
    }
    assert items["mu"]["value"] == 0.2
    assert items["flux"]["unit"] == "rad"


def test_elements_for_notebooks(frame: Frame) -> None:
    layout = frame_elements(frame)
    assert len(layout) == 5
    picture = next(iter(layout.values()[1]))
    values = picture.dimension_values(2)
    assert np.isfinite(values).any()
    assert picture.vdims[0].unit == "e/ħ Å³"
