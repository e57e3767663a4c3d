"""What a SOURCE of the command line or of Python names, opened: a Hamiltonian with its provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cached_property
from math import inf, isfinite
from weakref import WeakKeyDictionary

import numpy as np

import explorer.models.files.source
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.lattice_path import PathPoint
from explorer.models.kit.model import Model, Quantity
from explorer.session.declared_symmetries import declare
from explorer.session.source_name import SourceName


@dataclass(frozen=True, eq=False)
class Source:
    """A model at given parameters, or a Wannier file: what every computation starts from.

    name : as the user wrote it. parameters : values of all its quantities, by name.
    key : the name with the version of the file that was read (`SourceName.current`): what is known is kept by it.
    """

    name: str
    model: Model
    hamiltonian: Hamiltonian
    key: str

    @property
    def parameters(self) -> dict[str, float]:
        """Present values of the model's quantities."""
        return self.model.values()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over every array and rule of the Hamiltonian: what a saved number depends on."""
        return fingerprint(self.hamiltonian)

    def path(self) -> tuple[PathPoint, ...]:
        """Corners of the band-structure path: those that go with the energies the model opens with, if these are shown.

        A window of energies that reaches beyond them asks for the whole path.
        """
        own, window = self.model.mu_range, SourceName.parse(self.name).energy_window
        near = own is not None and (window is None or (own[0] <= window[0] and window[1] <= own[1]))
        return self.model.near_path(self.hamiltonian) if near else self.model.path(self.hamiltonian)


_fingerprints: WeakKeyDictionary[Hamiltonian, str] = WeakKeyDictionary()


def fingerprint(h: Hamiltonian) -> str:
    """SHA-256 over every array and rule of a Hamiltonian."""
    found = _fingerprints.get(h)
    if found is None:
        digest = hashlib.sha256()
        for entry in fields(h):
            value = getattr(h, entry.name)
            digest.update(entry.name.encode())
            digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
        found = _fingerprints[h] = digest.hexdigest()
    return found


def open_source(
    text: str,
    parameters: Mapping[str, float] | None = None,
    *,
    degeneracy_tolerance: float | None = None,
    kramers_pairs: bool = False,
    plane: str | None = None,
    hermitise: bool = False,
) -> Source:
    """Open a model by name, or a Wannier90 file by path.

    Parameters
    ----------
    text : name of a model, or path of a `_tb.dat` or `_hr.dat`; settings may follow it (`SourceName`).
    parameters : values of the model's quantities; those left out keep their defaults.
    degeneracy_tolerance : levels closer than this are one group [eV]; None keeps the source's own.
    kramers_pairs : take levels (0,1), (2,3), ... as groups whatever their splitting.
    plane : "xy", "yz" or "zx", the crystal's plane in a Wannier file, or two combinations of its lattice vectors in
        whole numbers, "1,1,0:0,1,1"; None finds it.
    hermitise : take the Hermitian part of a file's H, however far it is from Hermitian.

    Raises
    ------
    ValueError : no such source or parameter, an unusable file, a value out of bounds, rules that do not fit.
    ChangedError : the text names a version of a file that is not the one on disk.
    """
    named = SourceName.parse(text)
    named.require_current()
    key, text = named.current, str(named.written)
    given = named.file_options
    _ = named.energy_window  # raises where it is unusable
    tolerance = given.degeneracy_tolerance if degeneracy_tolerance is None else degeneracy_tolerance
    if tolerance is not None and not (isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"the degeneracy tolerance must be 0 eV or more, got {tolerance:g}")
    kramers_pairs = kramers_pairs or given.kramers_pairs
    options = WannierOptions(
        plane=plane or given.plane,
        degeneracy_tolerance=tolerance,
        kramers_pairs=kramers_pairs,
        hermitise=hermitise or given.hermitise,
    )
    model = explorer.models.files.source.open_source(named.name, options)
    for name, value in (parameters or {}).items():
        set_quantity(model, text, name, value)
    h = model.hamiltonian().with_levels(tolerance, kramers_pairs)
    if kramers_pairs and h.size % 2:
        raise ValueError(f"Kramers pairs need an even number of bands, {text} has {h.size}")
    declare(h, model)
    key.require_current()  # neither did it change while it was read
    return Source(text, model, h, str(key))


def set_quantity(model: Model, source: str, name: str, value: float) -> None:
    """Set one quantity; ValueError that names its bounds and unit, or the quantities there are."""
    known = model.quantities()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        listed = ", ".join(known) or "none"
        raise ValueError(f"{source} has no parameter {name}{hint} (parameters: {listed})")
    low, high = limits(known[name])
    if not (isfinite(value) and low <= value <= high):
        raise ValueError(f"{name} of {source} must lie in {describe_bounds(known[name])}, got {value:g}")
    if getattr(model, name) != value:  # to set what stands costs param as much as to set anything
        setattr(model, name, value)


def describe_bounds(quantity: Quantity) -> str:
    """Bounds with their unit, e.g. "0.1 ... 3 eV"."""
    low, high = limits(quantity)
    return f"{low:g} ... {high:g} {quantity.unit}".rstrip()


def limits(quantity: Quantity) -> tuple[float, float]:
    """Bounds of a quantity, infinite where it has none."""
    low, high = quantity.bounds or (None, None)
    return -inf if low is None else float(low), inf if high is None else float(high)
