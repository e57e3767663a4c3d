"""The base class of all models: parameters with bounds and units, and one method that gives H(k)."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any, ClassVar

import param

from explorer import models
from explorer.models.kit.arrays import Complexes
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.lattice_path import PathPoint, lattice_path
from explorer.models.kit.symmetry import Symmetry


class Quantity(param.Number):
    """A bounded real parameter with a unit and a LaTeX symbol."""

    __slots__ = ["symbol", "unit"]
    _slot_defaults: ClassVar[dict[str, Any]] = {**param.Number._slot_defaults, "unit": "", "symbol": ""}  # noqa: SLF001 - param asks for it

    def __init__(self, default: float, *, unit: str = "", symbol: str = "", **rest: Any) -> None:
        super().__init__(default, **rest)
        self.unit = unit
        self.symbol = symbol


class Model(param.Parameterized):
    """A family of Hamiltonians. Subclass it in a file of its own in `models/`; all else follows.

    A subclass sets `key`, `title`, `formula`, `physics`, `reference`, declares `Quantity` parameters, and
    defines `hamiltonian`. It may override `symmetries`, `path`, `spin`, and list `presets`.
    """

    key: ClassVar[str] = ""
    """Name on the command line and in URLs; a class without one is not offered."""
    title: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    """LaTeX of H(k)."""
    physics: ClassVar[str] = ""
    """One paragraph for the reader of the page."""
    reference: ClassVar[str] = ""
    presets: ClassVar[dict[str, dict[str, float]]] = {}
    default_mu: ClassVar[float] = 0.0
    """Chemical potential with which the page opens [eV]."""
    mu_range: ClassVar[tuple[float, float] | None] = None
    """Chemical potentials that the page opens with [eV]; None: up to six bands on either side of `default_mu`, which
    would drown what happens near mu where the bands are many or steep."""
    truncation: ClassVar[str] = ""
    """Quantity that cuts the model off (plane-wave shells, radius of a k.p disc); the page shows what it does."""
    maps_follow_mu: ClassVar[bool] = False
    """Whether the maps open with the band nearest mu: where near-crossings of remote filled bands fill the sum with
    dots."""

    @property
    def share(self) -> str:
        """Which of a crystal's electrons every number counts, where the model has not all of them; "" where it has."""
        return ""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a user must know of the source before its numbers are cited, a sentence each."""
        return ()

    @property
    def neutral_bands(self) -> int | None:
        """Filled bands at neutrality, from which carriers are counted; None takes the gap nearest to default_mu."""
        return None

    def hamiltonian(self) -> Hamiltonian:
        """H(k) at the present parameters."""
        raise TypeError(f"{type(self).__name__} must define hamiltonian()")

    def symmetries(self) -> tuple[Symmetry, ...]:
        """Operations that hold at the present parameters, the identity left out."""
        return ()

    def spin(self) -> Complexes | None:
        """Pauli matrices (3, N, N) on the orbitals, None for a spinless model."""
        return None

    def path(self, h: Hamiltonian | None = None) -> tuple[PathPoint, ...]:
        """Corners of the band-structure path; h : the Hamiltonian at the present parameters, if it is at hand."""
        h = h or self.hamiltonian()
        if isinstance(h, LatticeHamiltonian):
            return lattice_path(h.reciprocal)
        c = h.cutoff
        return (
            PathPoint("-X", (-c, 0.0)),
            PathPoint("Γ", (0.0, 0.0)),
            PathPoint("X", (c, 0.0)),
            PathPoint("Γ", (0.0, 0.0)),
            PathPoint("Y", (0.0, c)),
        )

    def near_path(self, h: Hamiltonian | None = None) -> tuple[PathPoint, ...]:
        """The path that goes with the energies of `mu_range`, where those are met on a small part of `path`."""
        return self.path(h)

    @classmethod
    def quantities(cls) -> dict[str, Quantity]:
        """The model's parameters by name, in the order of declaration."""
        found = {n: p for n, p in cls.param.objects("existing").items() if isinstance(p, Quantity)}
        order = [n for c in reversed(cls.__mro__) for n in vars(c) if n in found]
        return {n: found[n] for n in dict.fromkeys(order)}

    def values(self) -> dict[str, float]:
        """Present values of the quantities."""
        return {name: float(getattr(self, name)) for name in self.quantities()}


def catalogue() -> dict[str, type[Model]]:
    """Every model with a key, by key: found by importing the modules of this folder."""
    return dict(_catalogue())


@cache
def _catalogue() -> dict[str, type[Model]]:
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"explorer.models.{module.name}")

    def below(cls: type[Model]) -> list[type[Model]]:
        return [cls, *(c for s in cls.__subclasses__() for c in below(s))]

    found = {c.key: c for c in below(Model) if c.key and c.__module__.startswith("explorer.models.")}
    return dict(sorted(found.items()))
