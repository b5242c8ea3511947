"""The JSON of questions and answers, as it is documented and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from jari.serve.failures import STATUS
from jari.serve.settings import MOST_K, MOST_ROWS

MetricName: TypeAlias = Literal["cosine", "dot", "euclidean"]
Key: TypeAlias = Annotated[str, Field(max_length=10_000, description="A key: any string.", examples=["king"])]
ManyK: TypeAlias = Annotated[int, Field(ge=1, le=MOST_K, description="How many neighbours.")]


class Error(BaseModel):
    """What went wrong."""

    type: str = Field(examples=["unknown_key"], description=f"One of {', '.join(STATUS)}.")
    message: str = Field(examples=["'quen' is not in this embedding (71,290 keys). Did you mean 'queen'?"])
    param: str | None = Field(examples=["key"], description="The parameter or field that is meant.")
    code: str = Field(examples=["unknown_key"], description="The type again, where clients of OpenAI look for it.")
    suggestions: list[str] = Field(examples=[["queen"]], description="What may have been meant.")
    position: int | None = Field(
        examples=[None], description="At which character an expression cannot be read, from 0."
    )


class Problem(BaseModel):
    """The body of every answer that is an error."""

    error: Error


class Thing(BaseModel):
    """Something on the shelf."""

    name: str = Field(examples=["wiki"])
    kind: Literal["embedding", "recommender", "collection"]
    size: int = Field(description="How many keys, items or documents.", examples=[71290])
    dim: int = Field(description="How many numbers a vector has.", examples=[100])
    learner: str | None = Field(examples=["Word2Vec"])
    counted: bool = Field(description="Whether it is known how often each key was seen.")
    subwords: bool = Field(description="Whether keys that it does not hold get vectors from character n-grams.")
    pictures: bool = Field(description="Whether its keys are pictures, which /api/picture shows.")
    approximate: bool = Field(description="Whether there is an index: approximate=true.")
    sample: list[str] = Field(description="A few keys.", examples=[["the", "of"]])
    titled: bool = Field(description="Whether items have titles.")
    version: str = Field(description="Another one after something else was put in its place.")
    fields: dict[str, str] | None = Field(description="Of the documents of a collection: what `where` may name.")


class Things(BaseModel):
    """Everything on the shelf."""

    items: list[Thing]


class Info(Thing):
    """Something on the shelf and how it came about."""

    metadata: dict[str, Any]
    losses: list[float] = Field(description="Of each epoch, where the learner kept them.")


class Reloaded(BaseModel):
    """What was opened again."""

    reloaded: list[str]


class Suggestion(BaseModel):
    """A key that begins so."""

    key: str
    count: int | None


class Suggestions(BaseModel):
    """Keys that begin so, then keys that hold it; the most frequent first."""

    keys: list[Suggestion]


class Rows(BaseModel):
    """Rows whose keys are wanted."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    rows: list[Annotated[int, Field(ge=0, lt=2**31)]] = Field(max_length=MOST_ROWS, examples=[[0, 1, 2]])


class Keys(BaseModel):
    """The keys of rows, in the order asked."""

    keys: list[str]
    counts: list[int] | None


class VectorOf(BaseModel):
    """A key's vector."""

    key: str
    row: int | None = Field(description="None for a vector from subwords.")
    count: int | None
    norm: float
    vector: list[float]
    from_subwords: bool


class WeighedTerm(BaseModel):
    """A key of a question."""

    key: str
    weight: float


class Asked(BaseModel):
    """The question as it was understood."""

    kind: Literal["key", "expression", "text", "vector"]
    text: str
    terms: list[WeighedTerm]
    unknown: list[str] = Field(description="Words of a text that do not count, since they are not known.")


class Neighbour(BaseModel):
    """A key that is near."""

    key: str
    row: int
    score: float = Field(description="The cosine or the dot product; for euclidean the distance.")
    count: int | None


class Answer(BaseModel):
    """What is near, best first."""

    name: str
    query: Asked
    metric: MetricName
    neighbours: list[Neighbour]


class Answers(BaseModel):
    """An answer to each question, in their order."""

    answers: list[Answer]


class Questions(BaseModel):
    """Many questions at once: keys, or vectors."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    keys: list[Key] | None = Field(None, examples=[["king", "queen"]])
    vectors: list[Annotated[list[FiniteFloat], Field(max_length=65_536)]] | None = None
    k: ManyK = 10
    metric: MetricName = "cosine"
    approximate: bool = False
    include_inputs: bool = False


class Token(BaseModel):
    """The token of this server."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(max_length=1000)


class Status(BaseModel):
    """Whether the server is there."""

    status: Literal["ok"] = "ok"


_SAID: Mapping[int, str] = {
    401: "A token is needed, or another one.",
    403: "The server only reads.",
    404: "There is no such key, name or path; `suggestions` says what may have been meant.",
    405: "The path has other methods.",
    408: "The question arrived too slowly.",
    410: "What was opened is no longer there.",
    413: "The body is too large.",
    421: "The Host header names another host, or a page of another site asks.",
    422: "A parameter, a field or an expression cannot be used.",
    500: "The server failed; its log says more.",
    501: "A package that this needs is not installed; the message says which.",
    503: "Too much is asked at a time, or a database does not answer.",
    504: "No answer was found in time.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses``: these, and those that every route can answer."""
    every = {401, 405, 408, 413, 421, 422, 500, 503, 504}
    return {status: {"model": Problem, "description": _SAID[status]} for status in sorted(every | {*statuses})}
