"""Pictures: what the keys of an embedding of pictures look like."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from jari.errors import BadFile
from jari.explore.pictures import SIZES, PictureShelf, picture_file
from jari.serve.dependencies import EmbeddingOf
from jari.serve.etags import known
from jari.serve.failures import Failure
from jari.serve.schemas import errors

router = APIRouter(tags=["pictures"])

_made = PictureShelf()  # of a process, whatever it serves: marks tell files apart


@router.get(
    "/api/picture",
    summary="The picture of a key, small",
    response_class=Response,
    responses={
        200: {"description": "The picture, small.", "content": {"image/webp": {}}},
        304: {"description": "The client has it."},
        **errors(404, 410, 501),
    },
)
def picture(
    request: Request,
    item: EmbeddingOf,
    key: Annotated[str, Query(max_length=5000, description="A key of the embedding.")],
    size: Annotated[int, Query(ge=SIZES[0], le=SIZES[1], description="Pixels of the longer edge.")] = 256,
) -> Response:
    """The picture that a key names, made small.

    No path of the request is ever opened: the key must be one of the embedding's, and its file lie below the folder
    that the embedding was made of. A picture that is gone is an error of the type `gone`, one that cannot be read of
    the type `bad_input`.
    """
    try:
        file = picture_file(item.embedding, key, metadata=item.metadata)
        etag = f'"{file.mark}-{size}"'
        headers = {"ETag": etag, "Cache-Control": "private, max-age=300"}
        if known(request, etag):
            return Response(status_code=304, headers=headers)
        return Response(_made.webp(file, size), media_type="image/webp", headers=headers)
    except BadFile as error:
        raise Failure("bad_input", str(error), param="key") from error
