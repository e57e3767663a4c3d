"""What each panel, number and figure is: one sentence, its formula, unit and sign, and where the theory says more.

Every question mark of the page reads this one table. Formulas are those of the theory (assets/theory), by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from explorer.assets.theory_text import equations
from explorer.views.text.theory import formula


@dataclass(frozen=True)
class Explanation:
    """title : what is explained, as HTML. sentence : what it is. equation : its number in the theory.

    unit, sign : of what is shown; "" where there is none.
    """

    title: str
    sentence: str
    equation: str
    unit: str = ""
    sign: str = ""

    @property
    def anchor(self) -> str:
        """Where the theory has its equation."""
        return equations()[self.equation].anchor


SCALE = (
    "The colour scale is symmetric logarithmic: linear up to 1/50 of its end, logarithmic beyond. It ends at 1, 2 or 5 "
    "times a power of ten that leaves out about the largest 0.5 % of the values; where it is pointed, values beyond "
    "the end are clipped, and the largest stands below it."
)
SIGN = "e &lt; 0 is the electron’s charge; positive along +z"

EXPLANATIONS: dict[str, Explanation] = {
    "bands": Explanation(
        "Bands",
        "Energies along a path through the zone, coloured by what the sidebar names; the green line is μ, the pale "
        f"stripe the thermal window μ ± 4 k<sub>B</sub>T. {SCALE}",
        "11",
        "energy in eV, Λ in e/ħ Å³",
        "red positive, blue negative; e is kept outside Λ",
    ),
    "map": Explanation(
        "Λ(k)",
        "What each wave vector of a band, or of all occupied states, contributes to χ and α; the line is where a band "
        f"meets μ. {SCALE}",
        "11",
        "e/ħ Å³",
        "red positive, blue negative; e is kept outside Λ",
    ),
    "chi": Explanation(
        "χ(μ)",
        "Magnetization that an electric field induces, independent of scattering: Λ summed over the occupied states. "
        "Circles are the adaptive quadrature with error bars.",
        "8",
        "nm/Ω",
        SIGN,
    ),
    "alpha": Explanation(
        "α(μ)",
        "Magnetization that a negative temperature gradient induces: Λ weighted by the entropy of the states, and "
        "again by the Mott relations (12) and (13).",
        "9",
        "nA nm/K",
        "δM = −α·∇T; positive along +z",
    ),
    "mott": Explanation(
        "Mott relation",
        "α from a thermal average of χ at zero temperature; it holds exactly, so α by (9) less α by (12) is the error "
        "of the numbers.",
        "12",
        "relative to the largest |α|",
    ),
    "low_mott": Explanation(
        "Mott relation at low temperature",
        "α from the slope of χ: right only where χ(μ) is straight over a few k<sub>B</sub>T.",
        "13",
        "relative to the largest |α|",
    ),
    "induced": Explanation(
        "δM<sub>z</sub>",
        "The magnetization of the fields set in the sidebar, δM = χ·(E − ∇μ/e) − α·∇T. Its unit "
        "as a current along the edge of the sample:",
        "5.3",
        "μ<sub>B</sub>/nm²",
        SIGN,
    ),
    "maxwell": Explanation(
        "Maxwell and Einstein",
        "χ and α are slopes of one potential, hence ∂χ/∂T = e ∂α/∂μ: an identity of the occupations, tested by "
        "differences.",
        "3.3",
        "relative to the curve’s maximum",
    ),
    "potential": Explanation(
        "Φ(μ, T)", "The potential whose slopes are χ and α.", "3.1", "nA nm", "χ = −e ∂Φ/∂μ, α = −∂Φ/∂T"
    ),
    "slopes": Explanation(
        "Slopes of Φ", "χ and α once more, as slopes of the potential.", "3.2", "nm/Ω and nA nm/K"
    ),
    "magnetization": Explanation(
        "M<sub>z</sub>",
        "Orbital magnetization without any field: the moments of the occupied states and the edge currents of their "
        "Berry curvature.",
        "4.2",
        "μ<sub>B</sub>/nm²",
        SIGN,
    ),
    "hall": Explanation(
        "σ<sub>xy</sub>",
        "Hall conductivity without a magnetic field: Berry curvature of the occupied states.",
        "4.3",
        "e²/h",
        "j<sub>x</sub> = σ<sub>xy</sub> E<sub>y</sub>",
    ),
    "nernst": Explanation(
        "α<sup>A</sup><sub>xy</sub>",
        "Transverse current of a temperature gradient: Berry curvature weighted by the entropy.",
        "4.4",
        "nA/K",
        "j<sub>x</sub> = α<sup>A</sup><sub>xy</sub> (−∂<sub>y</sub>T)",
    ),
    "streda": Explanation(
        "Středa’s relation",
        "The slope of M in μ is the Hall conductivity and the moments at the Fermi line.",
        "4.5",
        "μ<sub>B</sub>/nm² per eV",
    ),
    "extrinsic": Explanation(
        "χ<sup>ext</sup>, α<sup>ext</sup>",
        "The part proportional to τ: the field shifts the Fermi line, and the orbital moments of its two sides no "
        "longer cancel.",
        "4.6",
        "nm/Ω and nA nm/K",
        SIGN,
    ),
    "relaxation": Explanation(
        "τ(T)", "Relaxation time of the electrons, by impurities and phonons.", "4.7", "ps"
    ),
    "drag": Explanation(
        "Exponents in T",
        "How the parts of α grow with T; of phonon drag theory gives the shape only.",
        "4.11",
    ),
    "decomposition": Explanation(
        "Terms of Λ",
        "The first term is the interband moment; the second, half the curl of the quantum metric, splits into velocity "
        "pairs and second derivatives.",
        "11",
        "e/ħ Å³",
        "e is kept outside Λ",
    ),
    "metric": Explanation(
        "Quantum metric",
        "How fast the states of a band turn with k; its curl is the second term.",
        "1.3",
        "Å²",
    ),
    "spin": Explanation(
        "Spin moment of a field",
        "The intrinsic part mixes bands; the part ∝ τ shifts the Fermi line.",
        "4.8",
        "μ<sub>B</sub>/nm²",
        "the moment of a spin is −μ<sub>B</sub>σ (g = 2)",
    ),
    "symmetry": Explanation(
        "What an operation leaves",
        "M<sub>z</sub> answers a field as a vector does: an in-plane operation R turns χ, with the sign det R and "
        "a minus for time reversal; what does not come back unchanged vanishes.",
        "4.10",
    ),
}
"""By key; what the page asks for by `LIVE` and `TABS`."""

LIVE: dict[str, tuple[str, ...]] = {
    "bands": ("bands",),
    "mapX": ("map",),
    "mapY": ("map",),
    "chi": ("chi",),
    "alpha": ("alpha", "mott", "low_mott"),
    "residual": ("mott", "low_mott"),
    "responses": ("chi", "alpha"),
    "magnetization": ("induced",),
    "checks": ("mott", "low_mott", "maxwell"),
}
"""What each panel and each card of numbers of the live tab asks about."""
TABS: dict[str, tuple[str, ...]] = {
    "paper": ("bands", "chi", "alpha"),
    "equilibrium": ("magnetization", "hall", "nernst", "streda"),
    "symmetry": ("symmetry",),
    "extrinsic": ("extrinsic", "chi", "alpha"),
    "scaling": ("alpha", "extrinsic", "drag", "relaxation"),
    "decomposition": ("decomposition", "metric", "chi"),
    "spin": ("spin", "extrinsic"),
    "experiment": ("induced", "chi", "extrinsic", "spin"),
    "potential": ("potential", "slopes", "maxwell"),
    "convergence": ("chi", "alpha"),
}
"""What the figures of each other tab show, in their order."""


@cache
def explanation_html(key: str) -> str:
    """One explanation: title, sentence, formula in MathML, unit, sign and the way to its equation."""
    e = EXPLANATIONS[key]
    facts = "".join(
        f"<div><dt>{name}</dt><dd>{words}</dd></div>"
        for name, words in (("Unit", e.unit), ("Sign", e.sign))
        if words
    )
    return (
        f"<section><h4>{e.title}</h4><p>{e.sentence}</p>"
        f"<div class=formula>{formula(equations()[e.equation].latex, 'block')}</div>"
        + (f"<dl>{facts}</dl>" if facts else "")
        + f'<a href="#{e.anchor}">Theory, equation ({e.equation})</a></section>'
    )


def notes(asked: Sequence[str]) -> str:
    """The explanations of several keys, one after the other."""
    return "".join(explanation_html(key) for key in asked)
