"""Whether a token works, and for whom."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.auth import By
from services.ids import public_id

router = APIRouter(tags=["access"])


class Me(BaseModel):
    id: str | None
    name: str
    role: str
    sees_all: bool
    scopes: list[str] = Field(description="What the token may do besides reading")


@router.get("/me", summary="The person a token stands for")
def me(by: By) -> Me:
    number = public_id("person", by.person_id) if by.person_id else None
    return Me(
        id=number, name=by.name, role=by.role, sees_all=by.sees_all, scopes=sorted(by.scopes or ())
    )
