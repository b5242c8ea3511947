"""Requests and answers as OpenAI has them."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field, StrictInt

MOST_INPUTS = 2048

_Tokens: TypeAlias = Annotated[list[StrictInt], Field(max_length=100_000)]


class EmbeddingsIn(BaseModel):
    """What is to become vectors."""

    input: str | list[str] | _Tokens | list[_Tokens] = Field(
        description="A text, texts, or the same as the numbers of tokens: rows of an embedding of words, or tokens of "
        f"the encoder's own tokenizer. At most {MOST_INPUTS}; none may be empty."
    )
    model: str = Field(max_length=500, description="A name on the shelf.")
    encoding_format: Literal["float", "base64"] = Field(
        "float", description="base64 is that of the float32 numbers, the least byte first."
    )
    dimensions: StrictInt | None = Field(None, ge=1, description="The first so many numbers, at unit length again.")
    user: str | None = Field(None, description="Not looked at.")


class EmbeddingOut(BaseModel):
    """The vector of one input, at unit length."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class UsageOut(BaseModel):
    """How many tokens the inputs have, by the model's own tokenizer."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsOut(BaseModel):
    """Vectors in the order of the inputs."""

    object: Literal["list"] = "list"
    data: list[EmbeddingOut]
    model: str
    usage: UsageOut


class ModelOut(BaseModel):
    """A model."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="Seconds since 1970.")
    owned_by: str = "jari"


class ModelsOut(BaseModel):
    """All models."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


class OpenAIError(BaseModel):
    """What went wrong."""

    type: str = Field(examples=["invalid_request_error"])
    message: str
    param: str | None
    code: str | None = Field(examples=["model_not_found"])
    suggestions: list[str] = Field(description="What may have been meant.")
    position: int | None


class OpenAIProblem(BaseModel):
    """The body of an answer that is an error."""

    error: OpenAIError
