"""Random and special parameters of a model, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from explorer.models.kit.model import Model


def parameter_sets(model: type[Model]) -> st.SearchStrategy[dict[str, float]]:
    """Values within bounds; zero, the bounds, the default and quarter turns come up often."""
    found = {}
    for name, q in model.quantities().items():
        low, high = q.bounds
        special = [v for v in (low, high, q.default, 0.0, 45.0, 90.0) if low <= v <= high]
        found[name] = st.one_of(st.sampled_from(special), st.floats(low, high))
    return st.fixed_dictionaries(found)
