"""The pure functions of assets/live in the browser that runs them: ticks, numbers, colours, wire format, keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from explorer.export.colour_scale import colour_bytes
from explorer.export.palette import PALETTES, ZERO
from explorer.views.live.wire_format import pack
from tests.joined_scripts import joined_scripts

pytestmark = pytest.mark.e2e

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def blank(chromium: Browser) -> Iterator[Page]:
    """An empty page, in which nothing of Panel runs."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def call(blank: Page) -> Call:
    """`call(component, expression, *arguments)`: a function of the component's module, called in the browser."""
    modules = {
        name: script.replace("export function", "function") for name, script in joined_scripts().items()
    }

    def run(component: str, function: str, *arguments: Any) -> Any:
        given = [modules[component], function, list(arguments)]
        return blank.evaluate(
            "([module, f, given]) => new Function(`${module}\nreturn ${f}`)()(...given)", given
        )

    return run


@pytest.mark.parametrize(
    ("low", "high", "wanted", "ticks"),
    [
        (0.0, 1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-0.03, 0.02, 5, [-0.03, -0.02, -0.01, 0, 0.01, 0.02]),
        (3.0, 3.7, 3, [3, 3.25, 3.5]),
        (-1.2e6, 0.9e6, 5, [-1e6, -5e5, 0, 5e5]),
    ],
)
def test_ticks_stand_at_round_numbers(
    call: Call, low: float, high: float, wanted: int, ticks: list[float]
) -> None:
    found, step = call("LiveCanvas", "niceTicks", low, high, wanted)
    assert found == pytest.approx(ticks, abs=1e-12 * max(abs(low), abs(high)))
    assert step == pytest.approx(ticks[1] - ticks[0])


def test_ticks_of_any_range_are_a_few_even_steps_inside_it(call: Call) -> None:
    rng = np.random.default_rng(3)
    ranges = [[a, a + 10.0**p, 5] for a, p in zip(rng.normal(size=40), rng.uniform(-6, 6, 40), strict=True)]
    for (low, high, _), (ticks, step) in zip(
        ranges, call("LiveCanvas", "(all) => all.map((r) => niceTicks(...r))", ranges), strict=True
    ):
        assert 2 <= len(ticks) <= 6
        assert np.diff(ticks) == pytest.approx(step, rel=1e-6)
        assert low - 1e-8 * step <= ticks[0] < low + step * (1 + 1e-8)
        assert high - step * (1 + 1e-8) < ticks[-1] <= high + 1e-8 * step
        mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
        assert min(abs(mantissa - m) for m in (1, 2, 2.5, 5)) < 1e-9


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.25, "−0.25"),
        (1234.5678, "1235"),
        (99999, "100000"),
        (123456, "1.235·10⁵"),
        (-2e-6, "−2·10⁻⁶"),
        (9.99996e-4, "1·10⁻³"),
    ],
)
def test_numbers_are_written_with_a_minus_and_raised_powers(call: Call, value: float, text: str) -> None:
    assert call("LiveCanvas", "formatNumber", value) == text


def test_what_is_no_number_is_a_dash(call: Call) -> None:
    assert call("LiveCanvas", "() => [formatNumber(NaN), formatNumber(Infinity)]") == ["–", "–"]


def test_a_colour_bar_has_room_for_two_digits(call: Call) -> None:
    written = call("LiveCanvas", "(all) => all.map(shortNumber)", [0, 0.05, -1230, 2e7, 1e-5, -5e-3])
    assert written == ["0", "0.05", "−1200", "2·10⁷", "1·10⁻⁵", "−5·10⁻³"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_palettes_arrive_as_they_were_made(call: Call, theme: str) -> None:
    found = call(
        "LiveCanvas",
        "(theme) => [Array.from(THEMES[theme].map), paletteCss(THEMES[theme].map, 128), "
        "paletteView(THEMES[theme].map).length]",
        theme,
    )
    colours = PALETTES[theme]["map"]
    assert np.array_equal(np.reshape(found[0], (256, 4))[:, :3], colours)
    assert {row[3] for row in np.reshape(found[0], (256, 4)).tolist()} == {255}
    assert found[1] == "rgb({},{},{})".format(*colours[ZERO])
    assert found[2] == 256


def test_a_shade_is_read_back_as_the_value_that_made_it(call: Call) -> None:
    """`colour_bytes` of Python against `scaleInverse` of the browser: half a step of the scale, and zero is zero."""
    limit = 200.0
    values = np.concatenate([[0.0], limit * np.linspace(-1, 1, 41) ** 3])
    shades = colour_bytes(values, limit).tolist()
    read = np.array(call("LiveCanvas", "(s, limit) => s.map((b) => scaleInverse(b, limit))", shades, limit))
    assert read[0] == 0
    # d(value)/d(byte) of asinh(50 v / limit) = (byte - 128) asinh(50) / 127, by hand.
    step = limit / 50 * np.sqrt(1 + (50 * values / limit) ** 2) * np.arcsinh(50.0) / 127
    assert (np.abs(read - values) <= 0.51 * step).all()
    places = np.array(
        call("LiveCanvas", "(v, limit) => v.map((x) => scalePosition(x, limit))", values.tolist(), limit)
    )
    assert np.abs(places - (np.array(shades) - 128) / 127).max() <= 0.51 / 127


def test_a_message_of_python_is_read_by_the_browser(call: Call) -> None:
    arrays = {
        "curve": np.linspace(-1.5, 2.5, 7),
        "shades": np.arange(5, dtype=np.uint8),
        "none": np.zeros(0),
        "last": np.array([np.inf, 1e-30]),
    }
    head = {"title": "Λ of haldane, µ_B", "n": 3, "none": None}
    message = list(pack(head, dict(arrays)))
    found, read = call(
        "LiveCanvas",
        "(bytes) => { const [head, a] = decode(new Uint8Array(bytes).buffer); "
        "return [head, Object.fromEntries(Object.entries(a).map(([n, v]) => "
        "[n, [v.constructor.name, v.byteOffset % v.BYTES_PER_ELEMENT, Array.from(v, String)]]))] }",
        message,
    )
    assert {name: found[name] for name in head} == head
    for name, array in arrays.items():
        kind, misplaced, words = read[name]
        assert kind == ("Uint8Array" if array.dtype == np.uint8 else "Float32Array")
        assert misplaced == 0
        assert np.array_equal(
            [float(w.replace("Infinity", "inf")) for w in words], array.astype(np.float32).astype(float)
        )


def test_a_view_into_a_buffer_is_cut_out_of_it(call: Call) -> None:
    cut = "() => { const b = new Uint8Array([1, 2, 3, 4, 5]).buffer, w = new Uint8Array(b, 1, 3); "
    cut += (
        "return [Array.from(new Uint8Array(toBuffer(w))), toBuffer(b) === b, toBuffer(null), toBuffer(7)] }"
    )
    assert call("LiveCanvas", cut) == [[2, 3, 4], True, None, None]


def test_a_pointer_finds_the_point_of_the_map_under_it(call: Call) -> None:
    """On the points (i b1 + j b2)/n of an oblique cell, also from a cell away; a disc ends at its cutoff."""
    n, cell = 5, [[2.0, 0.5], [-0.3, 1.5]]
    exact = [[float(m) for m in range(n * n)]] * 2
    b1, b2 = np.array(cell)
    wanted, got = [], []
    for i, j, away in [(0, 0, 0), (3, 1, 0), (4, 4, 1), (2, 3, -1)]:
        x, y = (i * b1 + j * b2) / n + away * (b1 + b2)
        got.append(
            call("LiveCanvas", "mapValue", {"cell": cell, "n": n, "exact": exact}, 1, x + 0.01, y - 0.01)
        )
        wanted.append(i * n + j)
    assert got == wanted
    disc = {"cutoff": 2.0, "n": n, "exact": exact}
    assert call("LiveCanvas", "mapValue", disc, 0, 0.0, 1.0) == 3 * n + 2
    assert call("LiveCanvas", "mapValue", disc, 0, 1.9, 1.9) is None


def test_the_range_of_what_is_drawn(call: Call) -> None:
    assert call("LiveCanvas", "spread", [[0, 2], [-2]], 0.25) == [-3, 3]
    assert call("LiveCanvas", "() => spread([[NaN]], 0.1)") == [-1, 1]
    low, high = call("LiveCanvas", "spread", [[5, 5]], 0.1)
    assert low < 5 < high
    assert call("LiveCanvas", "nearest", [0, 1, 4, 9], 2.6) == 2
    assert call("LiveCanvas", "decades", [[-7.3, 1]]) == [-8, 0.9]
    assert call("LiveCanvas", "decades", [[-99]]) == [-10, 0.9]
    assert call("LiveCanvas", "(a, b) => [vanishes(a), vanishes(b)]", [0, 0], [0, 1e-300]) == [True, False]


def test_sliders_of_decades_give_three_digits(call: Call) -> None:
    item = {"log": True}
    there = call(
        "Sliders", "(item, v) => v.map((x) => fromSlider(item, toSlider(item, x)))", item, [300, 0.0123, 10]
    )
    assert there == [300, 0.0123, 10]
    assert call("Sliders", "fromSlider", item, 2.123456) == 133
    assert call("Sliders", "fromSlider", {"log": False}, 2.123456) == 2.123456
    assert call("Sliders", "(all) => all.map((v) => shown(v))", [0.1 + 0.2, 1e7, -12]) == [
        "0.3",
        "1e7",
        "-12",
    ]


@pytest.mark.parametrize(
    ("key", "event", "expanded", "clicks"),
    [
        ("ArrowDown", "keydown", "false", 1),
        ("Enter", "keydown", "false", 1),
        (" ", "keyup", "false", 1),
        (" ", "keydown", "false", 0),
        ("ArrowDown", "keydown", "true", 0),
        ("a", "keydown", "false", 0),
    ],
)
def test_keys_open_a_chooser(
    call: Call, blank: Page, key: str, event: str, expanded: str, clicks: int
) -> None:
    blank.set_content(f'<div role="combobox" aria-expanded="{expanded}" tabindex="0">model</div>')
    blank.evaluate("() => { delete window.omExplorerKeys }")
    counted = call(
        "Sliders",
        """([key, event]) => {
            const box = document.querySelector("[role=combobox]")
            let clicks = 0
            box.addEventListener("click", () => { clicks++; box.setAttribute("aria-expanded", "true") })
            box.dispatchEvent(new KeyboardEvent(event, {key, bubbles: true, composed: true, cancelable: true}))
            return clicks
        }""",
        [key, event],
    )
    assert counted == clicks
