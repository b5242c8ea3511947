"""The colours of maps: on paper, and of groups that lie beside one another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PAPER, INK, FAINT_INK, RULE = "#ffffff", "#1d2733", "#6a7683", "#e3e7ec"
DOT, NAMED_DOT, ARROW = "#9db2c6", "#2a6394", "#d0562b"

# Ten colours for groups, and ten for a dark page. Found by a search for sets whose nearest two are as far apart as can
# be in OKLab (Ottosson 2020), for eyes with three kinds of cones and with two (as Machado, Oliveira and Fernandes 2009
# simulate them), among colours with a contrast of 3 : 1 or more to the page. tests/explore/test_colours.py measures it.
GROUPS = (
    "#009ece", "#aa3d92", "#799e00", "#793d49", "#556ddb", "#3d3100", "#b67986", "#242492", "#796d24", "#610055",
)  # fmt: skip
GROUPS_ON_DARK = (
    "#5592ff", "#f3aa18", "#18db9e", "#b63d61", "#aaf3ff", "#7955c2", "#dbf361", "#ce6d18", "#b6b6ff", "#aa86aa",
)  # fmt: skip


def tones_of(centres: npt.ArrayLike) -> list[int]:
    """Which of the ten colours each group has, from their places, shape (groups, dim).

    The first ten have one each. Each further one takes the colour whose other groups are farthest from it.

    Examples
    --------
    >>> tones_of([[float(place)] for place in (*range(10), 9.5, 0.5)])
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 9]
    """
    places = np.asarray(centres, dtype=np.float64)
    tones: list[int] = []
    for group, place in enumerate(places):
        if group < len(GROUPS):
            tones.append(group)
            continue
        far = np.full(len(GROUPS), np.inf)
        np.minimum.at(far, tones, np.linalg.norm(places[:group] - place, axis=1))
        tones.append(int(far.argmax()))
    return tones
