"""What is said where nothing is to be seen: the operation of Table I, and the tab where its numbers are not zero."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.live.frame import frame_of
from explorer.physics.responses.catalogue import INTRINSIC_KIND
from explorer.physics.symmetry.allowed_components import Action, allowed_components
from explorer.session.state import default_state
from explorer.views.live.nothing import forbidding, nothing_html

QUARTER, HALF = np.array([[0.0, -1.0], [1.0, 0.0]]), -np.eye(2)


@pytest.mark.parametrize(
    ("model", "parameters", "words", "view"),
    [
        ("mos2", {}, "time reversal (T) forbids them; magnetic order would break it", "extrinsic"),
        (
            "cumnas",
            {"neel_tilt": 90.0},
            "the twofold axis (C<sub>2z</sub>) forbids them; a polar distortion",
            "symmetry",
        ),
        ("haldane", {"anisotropy": 0.0}, "the axis of rotation (C<sub>3z</sub>", "equilibrium"),
    ],
)
def test_the_operation_is_named_and_a_living_tab_offered(
    model: str, parameters: dict[str, float], words: str, view: str
) -> None:
    state = default_state(model)
    for name, value in parameters.items():
        state = state.with_parameter(name, value)
    said = nothing_html(frame_of(state, mesh=24))
    assert words in said
    assert f'data-view="{view}"' in said


def test_nothing_is_said_where_chi_lives() -> None:
    assert nothing_html(frame_of(default_state("haldane"), mesh=24)) == ""


def test_operations_that_forbid_one_component_each_are_both_named() -> None:
    mirrors = (Action("M_x", np.diag([-1.0, 1.0]), True), Action("M_y", np.diag([1.0, -1.0]), True))
    assert forbidding(allowed_components(INTRINSIC_KIND, mirrors)).startswith(
        "M_x forbids the x component and M_y"
    )
    turned = (Action("C4z", QUARTER, False), Action("C2z", HALF, False))
    assert "(C2z)" in forbidding(allowed_components(INTRINSIC_KIND, turned))
