r"""Plain text of models and reports as it is printed: subscripts, powers and Greek letters.

>>> prose("only chi_x; C4z^-1, M_y T and k_x = 7.4e-09")
'only χ<sub>x</sub>; C<sub>4z</sub><sup>−1</sup>, M<sub>y</sub> T and k<sub>x</sub> = 7.4·10<sup>−9</sup>'
>>> prose("w_0 of CrI3 in CuMnAs_2d, neel_tilt")
'w<sub>0</sub> of CrI₃ in CuMnAs_2d, neel_tilt'
"""

from __future__ import annotations

import re

WORDS = {
    "chi": "χ",
    "alpha": "α",
    "Lambda": "Λ",
    "lambda": "λ",
    "tau": "τ",
    "mu": "μ",
    "CrI3": "CrI₃",
    "MnBi2Te4": "MnBi₂Te₄",
    "MoS2": "MoS₂",
}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits of a power in plain text."""
_WORDS = re.compile(rf"(?<!\w)({'|'.join(WORDS)})(?=_\w{{1,2}}(?!\w)|(?!\w))")
_POWER_OF_TEN = re.compile(r"(?<![\w.])(\d(?:\.\d+)?)e([+-]?)0*(\d+)(?!\w)")
_AXIS = re.compile(r"(?<!\w)C(\d[xyz]?)(?![\w/])")
_RAISED = re.compile(r"(?<=[\w>])\^(-?)(\d+)")
_NEGATIVE = re.compile(r"(?<![\w.)\]>^-])-(?=\d)")
_LOWERED = re.compile(r"(?<!\w)([^\W\d_])_(\w{1,2}|\d+°)(?!\w)")


def minus(number: str) -> str:
    """A number in words has the sign that is as wide as a plus.

    >>> minus("-0.25")
    '−0.25'
    """
    return number.replace("-", "−")


def plain(text: str) -> str:
    """A sentence with numbers where there is no HTML.

    >>> plain("a density of -5e+13 per cm2")
    'a density of −5·10¹³/cm²'
    """
    text = _POWER_OF_TEN.sub(lambda m: f"{m[1]}·10{(m[2].strip('+') + m[3]).translate(RAISED)}", text)
    return _NEGATIVE.sub("−", text).replace(" per cm2", "/cm²")


def prose(text: str) -> str:
    """The text as HTML; what is HTML already stays. Names of parameters and files are left as they are typed."""
    text = _WORDS.sub(lambda m: WORDS[m[1]], text)
    text = _POWER_OF_TEN.sub(lambda m: f"{m[1]}·10<sup>{m[2].strip('+')}{m[3]}</sup>", text)
    text = _AXIS.sub(r"C<sub>\1</sub>", text)
    text = text.replace("^dagger", "†").replace("H(-R)", "H(−R)").replace(") - ", ") − ")
    text = _NEGATIVE.sub("−", text)
    text = _RAISED.sub(r"<sup>\1\2</sup>", text)
    return _LOWERED.sub(r"\1<sub>\2</sub>", text).replace("<sup>-", "<sup>−")


def raised(label: str) -> str:
    """A symbol of the catalogue of responses as HTML.

    >>> raised("χ^s,ext of δM_z")
    'χ<sup>s,ext</sup> of δM<sub>z</sub>'
    """
    label = re.sub(r"\^([\w,]+)", r"<sup>\1</sup>", label)
    return re.sub(r"_(\w+)", r"<sub>\1</sub>", label)
