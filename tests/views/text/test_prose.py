"""Text as it is printed: letters and powers change, names and files do not."""

from __future__ import annotations

import doctest

import pytest

from explorer.models.kit.model import catalogue
from explorer.views.text import prose as module
from explorer.views.text.prose import prose


def test_examples() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("chi and alpha_y at mu", "χ and α<sub>y</sub> at μ"),
        ("s_x E_x: PT, M_135° T", "s<sub>x</sub> E<sub>x</sub>: PT, M<sub>135°</sub> T"),
        ("C2 at 45°, bulk C2/m", "C<sub>2</sub> at 45°, bulk C2/m"),
        ("4.2e-05 μ_B/nm²", "4.2·10<sup>−5</sup> μ<sub>B</sub>/nm²"),
        ("valley = 1 or -1, (-0.5 eV), 2-9 %, cri3-eg", "valley = 1 or −1, (−0.5 eV), 2-9 %, cri3-eg"),
        ("1e+04, 0.5", "1·10<sup>4</sup>, 0.5"),
        (
            "t_prime of cri3_bilayer_eg_tb.dat, multi, alphabet",
            "t_prime of cri3_bilayer_eg_tb.dat, multi, alphabet",
        ),
    ],
)
def test_what_is_printed_otherwise(text: str, printed: str) -> None:
    assert prose(text) == printed


@pytest.mark.parametrize("key", list(catalogue()))
def test_no_model_is_described_in_ascii(key: str) -> None:
    words = prose(catalogue()[key].physics)
    assert "chi" not in words.split()
    assert "_x" not in words
    assert "^" not in words
