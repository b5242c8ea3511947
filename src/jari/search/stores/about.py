"""What a collection says of itself, and how it may change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jari.errors import BadInput


def grown(old: Mapping[str, Any] | None, new: Mapping[str, Any], place: str) -> dict[str, Any]:
    """What is stored when a collection that says `old` is described as `new`: its fields are those of both.

    Of two processes that each add a field to what they read, neither takes the other's away, if the store holds a lock
    from reading `old` to writing the answer.

    Raises
    ------
    BadInput
        The vectors are of another dimension, or a field changes its type.

    Examples
    --------
    >>> grown({"dim": 2, "fields": {"year": "number"}}, {"dim": 2, "fields": {"lang": "text"}}, "library/")
    {'dim': 2, 'fields': {'year': 'number', 'lang': 'text'}}
    >>> grown({"dim": 2}, {"dim": 3}, "library/")
    Traceback (most recent call last):
    jari.errors.BadInput: Vectors of 3 numbers don't fit into library/, which holds vectors of 2. Make another ...
    """
    if old is None:
        return dict(new)
    if old["dim"] != new["dim"]:
        raise BadInput(
            f"Vectors of {new['dim']} numbers don't fit into {place}, which holds vectors of {old['dim']}. "
            "Make another collection for another encoder."
        )
    fields = dict(old.get("fields", {}))
    for field, kind in new.get("fields", {}).items():
        if fields.setdefault(field, kind) != kind:
            raise BadInput(f"The field {field!r} of {place} is of type {fields[field]}; it cannot become {kind}.")
    return {**new, "fields": fields} if fields or "fields" in new else dict(new)
