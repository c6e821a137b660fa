"""Where an invitation is answered: an address of ours that nobody can guess or make up."""

from __future__ import annotations

from sqlalchemy.orm import Session

from data.settings import settings
from services.tracking import signer


def new_tokens(session: Session, count: int) -> list[str]:
    """For so many new invitations: 34 characters each, 128 of their bits random, signed by us."""
    sign = signer(session)
    return [sign.token("rsvp") for _ in range(count)]


def answer_url(token: str) -> str:
    """The page where an invitation with this token is answered."""
    return f"{settings().base_url.rstrip('/')}/r/{token}"
