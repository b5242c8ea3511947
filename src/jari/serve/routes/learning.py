"""Runs that are being watched."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
