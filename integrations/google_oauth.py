"""Asking a person for access to their Google account, and giving it back (OAuth 2.0 with PKCE)."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from integrations.google_http import GoogleClient, post_form
from integrations.google_trouble import Trouble

# Sending needs drafts; finding out what came of it, and reading replies, needs to read.
MAIL_SCOPES = (
    "https://www.googleapis.com/auth/gmail.compose",
    "https://www.googleapis.com/auth/gmail.readonly",
)
CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar.events"


@dataclass(frozen=True)
class Grant:
    """What Google gave for a code. `scopes` are those the person left ticked."""

    refresh_token: str = field(repr=False)
    scopes: frozenset[str]


def new_verifier() -> str:
    """A PKCE code verifier (RFC 7636): whoever steals the code cannot use it without this."""
    return secrets.token_urlsafe(48)


def consent_address(
    client: GoogleClient,
    *,
    back: str,
    state: str,
    verifier: str,
    scopes: tuple[str, ...],
    hint: str,
) -> str:
    """Where to send the person. `back` is our own address that Google returns to."""
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": back,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        # Without it, Google gives a refresh token only the first time.
        "prompt": "consent",
        "login_hint": hint,
    }
    joint = "&" if urlsplit(client.auth_url).query else "?"
    return client.auth_url + joint + urlencode({name: text for name, text in query.items() if text})


def exchange(
    client: GoogleClient, *, code: str, verifier: str, back: str, asked: tuple[str, ...]
) -> Grant:
    """The grant for the code that Google sent the person back with. Raises Trouble."""
    said = post_form(
        client.token_url,
        {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": back,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        },
        client.seconds,
    )
    if not said.get("refresh_token"):
        raise Trouble("for_good", "Google gave no lasting access. Connect once more.")
    # A server that does not say gave what was asked for (RFC 6749, 5.1).
    scopes = str(said.get("scope") or " ".join(asked)).split()
    return Grant(str(said["refresh_token"]), frozenset(scopes))


def revoke(client: GoogleClient, refresh_token: str) -> None:
    """Give the access back. Failing is harmless: the token is forgotten here in any case."""
    with suppress(Trouble):
        post_form(client.revoke_url, {"token": refresh_token}, client.seconds)
