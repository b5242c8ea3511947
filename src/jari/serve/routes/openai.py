"""Embeddings of texts, as OpenAI's clients ask for them."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
