"""The tilted massive Dirac cone: the smallest model with an induced magnetization, solvable by hand."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import PolynomialHamiltonian
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.plane import rotation
from explorer.models.kit.spin_half import PAULI
from explorer.models.kit.symmetry import Symmetry

X_FLIPPED, Y_FLIPPED = np.diag([-1.0, 1.0]), np.diag([1.0, -1.0])


class TiltedDirac(Model):
    """Two bands about one valley; the mass breaks T (and P with it), the tilt breaks C2."""

    key = "tilted-dirac"
    title = "Tilted massive Dirac cone"
    formula = r"H = \mathbf{w}\cdot\mathbf{k} + c\,k^2 + v_x k_x \sigma_x + v_y k_y \sigma_y + m\,\sigma_z"
    physics = (
        "One valley of a two-dimensional Dirac metal, the model on which the intrinsic response can be "
        "followed by hand. Without the tilt w the twofold rotation sends Λ(k) to −Λ(−k) and nothing is "
        "induced. The tilt leaves one operation, the mirror that reverses w combined with time reversal, "
        "and it forbids the component along w: with the tilt along x only chi_y and alpha_y remain. The "
        "first term of Λ is ±(∂h0 × G)/d, so it needs the tilt (or the curvature c) and not the mass; the "
        "mass opens the gap, keeps Λ finite at k = 0 and gives Berry curvature and moment. The filled lower "
        "band has |chi| = (e²/ħ) w/(12π|m|) where v_x = v_y, reached as one over the cutoff. This is one "
        "valley: in a crystal with time reversal the partner valley has the opposite tilt and cancels chi; "
        "in a PT-symmetric antiferromagnet the two PT partners add up. σ is an orbital pseudospin here."
    )
    reference = (
        "C. Xiao, H. Liu, J. Zhao, S. A. Yang, Q. Niu, Phys. Rev. B 103, 045401 (2021); tilted massive Dirac "
        "cone as in C. Wang, Y. Gao, D. Xiao, Phys. Rev. Lett. 127, 277201 (2021). Parameters are chosen for "
        "illustration; 5.8 eV Å of the preset is √3 a t/2 with graphene's a = 2.46 Å and a hopping t = 2.72 eV, less "
        "than the 6.6 eV Å of 10⁶ m/s"
    )
    presets: ClassVar[dict[str, dict[str, float]]] = {
        "No tilt (χ vanishes)": {"tilt": 0.0},
        "Tilt along y": {"tilt_angle": 90.0},
        "Tilt off the axes of an elliptic cone": {"v_y": 1.5, "tilt_angle": 30.0},
        "Nearly massless": {"mass": 0.02},
        "Gapped graphene, slight tilt": {"v_x": 5.8, "v_y": 5.8, "tilt": 0.6, "mass": 0.05},
    }
    default_mu = 0.15
    truncation = "cutoff"

    v_x = Quantity(
        3.0,
        bounds=(0.5, 10.0),
        unit="eV Å",
        symbol="v_x",
        label="Velocity x",
        doc="Dirac velocity along x, times ħ",
    )
    v_y = Quantity(
        3.0,
        bounds=(0.5, 10.0),
        unit="eV Å",
        symbol="v_y",
        label="Velocity y",
        doc="Dirac velocity along y, times ħ",
    )
    tilt = Quantity(
        1.2,
        bounds=(0.0, 8.0),
        unit="eV Å",
        symbol="w",
        label="Tilt",
        doc="Tilt of the cone, times ħ; beyond the Dirac velocity the cone is of type II",
    )
    tilt_angle = Quantity(
        0.0,
        bounds=(-180.0, 180.0),
        unit="°",
        symbol=r"\theta_w",
        label="Tilt direction",
        doc="Direction of the tilt, from x",
    )
    mass = Quantity(
        0.1, bounds=(-1.0, 1.0), unit="eV", symbol="m", label="Mass", doc="Mass; the gap is 2|m| without tilt"
    )
    curvature = Quantity(
        0.0,
        bounds=(-10.0, 10.0),
        unit="eV Å²",
        symbol="c",
        label="Curvature",
        doc="Common curvature of both bands (electron-hole asymmetry)",
    )
    cutoff = Quantity(
        0.5,
        bounds=(0.05, 2.0),
        unit="1/Å",
        symbol=r"k_c",
        label="Cutoff",
        doc="Radius of the disc on which the expansion is integrated",
    )

    def tilt_vector(self) -> Floats:
        """w, (2,) [eV angstrom]."""
        angle = np.radians(self.tilt_angle)
        return np.asarray(self.tilt * np.array([np.cos(angle), np.sin(angle)]))

    @property
    def share(self) -> str:
        """The cone alone."""
        return "one valley"

    def hamiltonian(self) -> PolynomialHamiltonian:
        """H(k) at the present parameters."""
        one, (sx, sy, sz) = np.eye(2), PAULI
        w_x, w_y = self.tilt_vector()
        return PolynomialHamiltonian(
            powers=np.array([(0, 0), (1, 0), (0, 1), (2, 0), (0, 2)]),
            matrices=np.array(
                [
                    self.mass * sz,
                    w_x * one + self.v_x * sx,
                    w_y * one + self.v_y * sy,
                    self.curvature * one,
                    self.curvature * one,
                ]
            ),
            cutoff=self.cutoff,
        )

    def symmetries(self) -> tuple[Symmetry, ...]:
        """Operations that hold at the present parameters.

        H* is H with k_y sigma_y reversed, so K is the mirror that reverses x, with T; a cone with v_x = v_y
        has this mirror along any direction, with the pseudospin turned by twice the angle.
        """
        one, (sx, sy, sz) = np.eye(2, dtype=complex), PAULI
        w_x, w_y = self.tilt_vector()
        small = 1e-9
        untilted, massless = self.tilt < small, abs(self.mass) < small
        along_x, along_y = untilted or abs(w_y) < small, untilted or abs(w_x) < small
        isotropic = abs(self.v_x - self.v_y) < small
        found = []
        if along_x:
            found.append(Symmetry("M_x T", X_FLIPPED, one, antiunitary=True))
        if along_y:
            found.append(Symmetry("M_y T", Y_FLIPPED, sz, antiunitary=True))
        if isotropic and not (along_x or along_y):
            angle = np.radians(self.tilt_angle)
            mirror = -rotation(2 * angle) @ np.diag([1.0, -1.0])
            turn = np.diag(np.exp([-1j * angle, 1j * angle]))
            found.append(Symmetry("M_w T", mirror, turn, antiunitary=True))
        if untilted:
            found.append(Symmetry("C2z", -np.eye(2), sz))
        if untilted and isotropic:
            # Every rotation holds in this expansion; fourfold stands for them.
            turn = np.diag(np.exp([-0.25j * np.pi, 0.25j * np.pi]))
            found.append(Symmetry("C4z", rotation(np.pi / 2), turn))
        if massless:
            found.append(Symmetry("C2z T", -np.eye(2), sx, antiunitary=True))
        if massless and untilted:
            found.append(Symmetry("T", np.eye(2), 1j * sy, antiunitary=True))
        return tuple(found)
