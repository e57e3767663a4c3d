"""The model of assets/models/blank.toml."""

from __future__ import annotations

from explorer import assets
from explorer.models.files.lattice_file import lattice_model

Blank = lattice_model(assets.path("models/blank.toml"), key="blank", module=__name__)
