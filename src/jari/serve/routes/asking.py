"""What is near: by key, by vector, by expression, by whatever stands in the box."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from jari.errors import BadInput, UnknownKey
from jari.serve.answers import (
    answer,
    asked,
    asked_key,
    asked_vector,
    json_response,
    malformed,
    unknown_key,
    unknown_term,
    without_inputs,
)
from jari.serve.dependencies import Desk, DeskOf, EmbeddingOf, K, Name
from jari.serve.direct import query_of
from jari.serve.failures import Failure
from jari.serve.items import EmbeddingItem
from jari.serve.parameters import Parameters
from jari.serve.schemas import Answer, Answers, MetricName, Questions, errors

KeyAsked: TypeAlias = Annotated[str, Query(max_length=10_000, description="A key: any string.", examples=["king"])]
MetricAsked: TypeAlias = Annotated[MetricName, Query(description="How nearness is measured.")]
Approximate: TypeAlias = Annotated[
    bool, Query(description="Ask the index that `jari build-ann` made: nearly all of the nearest, and sooner.")
]
Inputs: TypeAlias = Annotated[bool, Query(description="Whether what was asked for may be an answer.")]


router = APIRouter(tags=["Ask"])


@router.get("/api/similar", response_model=Answer, responses=errors(404, 410, 501))
async def similar(
    desk: DeskOf,
    request: Request,
    key: KeyAsked,
    name: Name = None,
    k: K = 10,
    metric: MetricAsked = "cosine",
    approximate: Approximate = False,
    include_inputs: Inputs = False,
) -> Response:
    """The nearest keys to a key, exactly; or nearly so by an index.

    A key that is not there is an error, with suggestions; of an embedding with subwords it gets its vector from those.
    """
    return await similar_directly(desk, query_of(request.scope))  # which `Direct` asks without this detour


async def similar_directly(desk: Desk, query: Mapping[str, str]) -> Response:
    """The answer to GET /api/similar."""
    given = Parameters(query)
    key, k, metric = given.text("key"), given.k(), given.metric()
    approximate, include_inputs = given.flag("approximate"), given.flag("include_inputs")
    item = desk.shelf.embedding(given.name())
    said = await _near_key(desk, item, key, k, metric, approximate=approximate, include_inputs=include_inputs)
    return json_response(said)


@router.post("/api/similar", response_model=Answers, responses=errors(404, 410, 501))
async def similar_to_many(desk: DeskOf, questions: Questions) -> Response:
    """The nearest keys to many keys, or to many vectors, as for one."""
    item = desk.shelf.embedding(questions.name)
    given: list[Any] = questions.vectors if questions.keys is None else questions.keys  # type: ignore[assignment]
    if (questions.keys is None) == (questions.vectors is None):
        raise Failure("bad_input", "Give either keys or vectors.", param="keys")
    most = desk.settings.most_queries
    param = "vectors" if questions.keys is None else "keys"
    if not 1 <= len(given) <= most:
        raise Failure("bad_input", f"{len(given)} {param} were given: 1 to {most} can be asked at once.", param=param)
    options = {"approximate": questions.approximate, "include_inputs": questions.include_inputs}
    ask = _near_key if questions.vectors is None else _near_vector
    if questions.vectors is not None:
        for vector in questions.vectors:
            _check(item, vector)
    said = await asyncio.gather(
        *(ask(desk, item, each, questions.k, questions.metric, **options) for each in given), return_exceptions=True
    )
    for each in said:
        if isinstance(each, BaseException):
            raise each
    return json_response({"answers": said})


@router.get("/api/solve", response_model=Answer, responses=errors(404))
async def solve(
    desk: DeskOf,
    item: EmbeddingOf,
    expression: Annotated[
        str,
        Query(
            max_length=10_000,
            description="Keys with + and - between them, spaces around; keys with spaces in quotes; `0.5 * key`.",
            examples=["king - man + woman"],
        ),
    ],
    k: K = 10,
    method: Annotated[Literal["add", "mul"], Query(description="3CosAdd or 3CosMul.")] = "add",
    metric: MetricAsked = "cosine",
    include_inputs: Inputs = False,
) -> Response:
    """The keys nearest to where an expression leads."""
    if method == "mul" and metric != "cosine":
        raise Failure("bad_input", f"method=mul multiplies cosines and takes no metric={metric}.", param="metric")
    question = await _read(item, expression, "expression")
    found = await desk.batches.solve(item, expression, k, method, metric, include_inputs=include_inputs)
    return json_response(answer(item, asked(question), metric, found))


@router.get("/api/ask", response_model=Answer, responses=errors(404))
async def ask(
    desk: DeskOf,
    item: EmbeddingOf,
    q: Annotated[
        str, Query(max_length=10_000, description="A key, an expression or a text.", examples=["한국 - 서울 + 도쿄"])
    ],
    k: K = 10,
) -> Response:
    """What is near to whatever was typed.

    A key of the embedding is that key. Where an operator stands alone it is an expression. Anything else is a text: its
    words are pooled, and those that are not known are listed.
    """
    question = await _read(item, q, "q")
    if question.kind == "key":
        return json_response(await _near_key(desk, item, question.text, k, "cosine"))
    if question.kind == "expression":
        found = await desk.batches.solve(item, q, k)
        return json_response(answer(item, asked(question), "cosine", found))
    assert question.vector is not None
    found = await desk.batches.similar(item, question.vector, k + len(question.terms))
    return json_response(answer(item, asked(question), "cosine", without_inputs(found, question.terms), k=k))


async def _near_key(
    desk: Desk,
    item: EmbeddingItem,
    key: str,
    k: int,
    metric: MetricName,
    *,
    approximate: bool = False,
    include_inputs: bool = False,
) -> Any:
    if approximate:
        await _check_index(item, metric)
    query: Any = key
    if key not in item.embedding:
        query = await run_in_threadpool(_composed, item, key)
    found = await desk.batches.similar(item, query, k, metric, include_inputs=include_inputs, approximate=approximate)
    return answer(item, asked_key(key), metric, found)


async def _near_vector(
    desk: Desk,
    item: EmbeddingItem,
    vector: list[float],
    k: int,
    metric: MetricName,
    *,
    approximate: bool = False,
    include_inputs: bool = False,
) -> Any:
    if approximate:
        await _check_index(item, metric)
    query = np.asarray(vector, dtype=np.float64)
    found = await desk.batches.similar(item, query, k, metric, include_inputs=include_inputs, approximate=approximate)
    return answer(item, asked_vector(), metric, found)


def _composed(item: EmbeddingItem, key: str) -> Any:
    subwords = item.embedding.subwords
    if subwords is None:
        raise unknown_key(item, key)
    vector = subwords.compose(key)
    if not vector.any():
        raise unknown_key(item, key)
    return vector.astype(np.float64)


def _check(item: EmbeddingItem, vector: list[float]) -> None:
    dim = item.embedding.dim
    if len(vector) != dim:
        message = f"A vector of {len(vector)} numbers was given, and {item.name!r} has {dim} dimensions."
        raise Failure("bad_input", message, param="vectors")


async def _check_index(item: EmbeddingItem, metric: MetricName) -> None:
    if not item.approximate:
        message = f"There is no index beside {item.name!r}: make one with jari build-ann, or leave out approximate."
        raise Failure("bad_input", message, param="approximate")
    index = await run_in_threadpool(item.index)
    if index.metric != metric:
        message = f"The index of {item.name!r} was built for {index.metric!r}: ask with that metric."
        raise Failure("bad_input", message, param="metric")


async def _read(item: EmbeddingItem, text: str, param: str) -> Any:
    read = item.reader.read if param == "q" else item.reader.read_expression
    try:
        return await run_in_threadpool(read, text)
    except UnknownKey as error:
        raise await run_in_threadpool(_unknown, item, text, error, param) from None
    except BadInput as error:
        raise malformed(error, text, param=param) from None


def _unknown(item: EmbeddingItem, text: str, error: UnknownKey, param: str) -> Failure:
    from jari.embedding.expression import parse

    try:
        terms = parse(text)
    except BadInput:
        terms = ()
    return unknown_term(item, terms, error, param=param)
