"""Streamlit's own sign-in by an identity provider (OpenID Connect), for the routes that stand before it.

Streamlit talks to the provider and leaves a signed cookie that says whom it vouches for. That cookie is only
the way here: `api.company_login` trades it for a session of our own, which ends when it should.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

# Streamlit offers this to scripts alone, and a visitor has to be known before a script runs. Its version is
# pinned, and the browser test of the sign-in fails when any of this changes.
from streamlit.auth_util import encode_provider_token, get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

COOKIE = "_streamlit_user"
LEFT = (COOKIE, "_streamlit_user_tokens")
"""The cookies that Streamlit leaves; long ones go on in `…_1`, `…_2`."""
DOMAIN_OWNER_KNOWN = (True, "1", "true")
FRESH = 1 / 24
"""Days for which the vouching can be traded."""


def start() -> str:
    """The path that leads to the provider."""
    return f"/auth/login?provider={encode_provider_token('default')}"


def vouched_for(cookies: Mapping[str, str], *, trusting: bool) -> str | None:
    """The e-mail address that the provider vouches for; None without a good, fresh, verified one. `trusting`:
    the operator vouches where the provider says nothing of it."""

    def single(name: str) -> bytes | None:
        return decode_signed_value(get_cookie_secret(), name, cookies.get(name, ""), FRESH)

    try:
        told = json.loads(get_cookie_with_chunks(single, COOKIE) or b"{}")
    except ValueError:
        return None
    if not isinstance(told, dict) or not is_verified(told, trusting=trusting):
        return None
    email = told.get("email")
    return email if isinstance(email, str) and email else None


def is_verified(told: Mapping[str, object], *, trusting: bool) -> bool:
    """Whether these claims say that the address is its holder's, or leave it to an operator who does.

    Entra ID never says `email_verified`, but, when asked to, that the owner of the address's domain is known
    (`xms_edov`, a boolean that comes in several forms). It counts only where the other says nothing.
    """
    said, owner_known = told.get("email_verified"), told.get("xms_edov")
    if said is not None:
        return said is True
    return trusting if owner_known is None else owner_known in DOMAIN_OWNER_KNOWN


def left_behind(cookies: Mapping[str, str]) -> list[str]:
    """Names of the cookies to delete once they have been traded."""
    return [
        name
        for name in cookies
        if name in LEFT or (name.startswith(LEFT) and name.rpartition("_")[2].isdigit())
    ]
