"""What may be given as documents, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from jari.errors import BadInput
from jari.search.records import Document, Value
from jari.search.where import FieldType, plain, type_of

Given: TypeAlias = Document | Mapping[str, Any] | tuple[Any, ...]
_PARTS: Final = ("id", "text", "metadata", "source", "digest")


def read_documents(documents: Iterable[Given]) -> list[Document]:
    """Documents as such: strings that are strings, ids that stand once.

    Raises
    ------
    BadInput
        One is no document, holds what UTF-8 cannot, or has the id of one before it.

    Examples
    --------
    >>> read_documents([("a", "A text"), {"id": "b", "text": "Another", "metadata": {"year": 1999}}])[1].metadata
    {'year': 1999}
    """
    if isinstance(documents, str | Document | Mapping):
        raise BadInput(f"Give a list of documents, not one {type(documents).__name__}.")
    read = [_document(at, given) for at, given in enumerate(documents)]
    places: dict[str, int] = {}
    for at, document in enumerate(read):
        if document.id in places:
            raise BadInput(
                f"The id {document.id!r} stands twice, in documents {places[document.id]} and {at}: ids must be "
                "unique. Nothing was written."
            )
        places[document.id] = at
    return read


def fields_of(document: Document) -> dict[str, Value]:
    """The metadata without what is None, and without NumPy's types.

    Raises
    ------
    BadInput
        A field has no name that is a string, or a value that is no text, number or boolean.
    """
    held: dict[str, Value] = {}
    for name, value in document.metadata.items():
        if not isinstance(name, str):
            raise BadInput(f"Document {document.id!r} has the field {name!r}: names of fields are strings.")
        check_utf8(name, f"The name of a field of document {document.id!r}")
        if value is None:
            continue
        kind = type_of(value)
        if kind is None:
            raise BadInput(
                f"Document {document.id!r} has {name!r} of type {type(value).__name__}: a field is a text, a number or "
                "a boolean."
            )
        held[name] = plain(value, name, kind)
        if isinstance(value, str):
            check_utf8(value, f"{name!r} of document {document.id!r}")
    return held


def grow(fields: dict[str, FieldType], document: Document, held: Mapping[str, Value]) -> None:
    """Add the fields of one more document.

    Raises
    ------
    BadInput
        A field has another type already.
    """
    for name, value in held.items():
        kind = type_of(value)
        if kind is not None and fields.setdefault(name, kind) != kind:
            raise BadInput(
                f"Document {document.id!r} has {name!r} = {value!r}, a {kind}; the field is of type {fields[name]} in "
                "this collection: give all its values the same type. Nothing was written."
            )


def read_strings(given: Iterable[str], what: str) -> list[str]:
    """A list of strings, not one string; `what` they are is for the message.

    Examples
    --------
    >>> read_strings("abc", "ids")
    Traceback (most recent call last):
    jari.errors.BadInput: Give a list of ids, not one string ('abc').
    """
    if isinstance(given, str):
        raise BadInput(f"Give a list of {what}, not one string ({given[:40]!r}).")
    listed = list(given)
    for one in listed:
        if not isinstance(one, str):
            raise BadInput(f"{one!r} is a {type(one).__name__}: {what} are strings.")
        check_utf8(one, f"One of the {what}")
    return listed


def check_utf8(text: str, what: str) -> None:
    """Raise `BadInput` where a string holds half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"{what} holds half of a surrogate pair at character {error.start}, which UTF-8 cannot hold: it was read "
            "as if it were in another encoding."
        ) from error


def _document(at: int, given: Any) -> Document:
    if isinstance(given, Document):
        document = given
    elif isinstance(given, Mapping):
        unknown = [key for key in given if key not in _PARTS]
        if unknown or "id" not in given or "text" not in given:
            wrong = f"has {unknown[0]!r}" if unknown else "lacks 'id' or 'text'"
            raise BadInput(f"Document {at} {wrong}: it has 'id' and 'text', and fields under 'metadata'.")
        document = Document(**{"metadata": {}, **given})
    elif isinstance(given, tuple) and len(given) in (2, 3):
        document = Document(*given)
    else:
        raise BadInput(f"Document {at} is a {type(given).__name__}: give Document(id, text) or (id, text[, metadata]).")
    for name in ("id", "text", "source", "digest"):
        value = getattr(document, name)
        if not isinstance(value, str):
            raise BadInput(f"Document {at} has {name}={_short(value)}, of type {type(value).__name__}: give a string.")
        check_utf8(value, f"{name!r} of document {at}")
    if not isinstance(document.metadata, Mapping):
        raise BadInput(f"Document {document.id!r} has metadata={_short(document.metadata)}: give a mapping of fields.")
    return document


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}…"
