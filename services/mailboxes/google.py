"""The OAuth client this installation has with Google, from its settings."""

from __future__ import annotations

from data.errors import NotFound
from data.settings import settings
from integrations.google_http import GoogleClient


def client() -> GoogleClient | None:
    """None where nobody set Google up."""
    given = settings()
    if not given.google_client_id:
        return None
    return GoogleClient(
        client_id=given.google_client_id,
        client_secret=given.google_client_secret.get_secret_value(),
        auth_url=given.google_auth_url,
        token_url=given.google_token_url,
        revoke_url=given.google_revoke_url,
        api_url=given.google_api_url,
        seconds=given.google_seconds,
    )


def require_client() -> GoogleClient:
    """Raises NotFound."""
    found = client()
    if found is None:
        raise NotFound(
            "Google is not set up here. Whoever runs the app sets CSCX_GOOGLE_CLIENT_ID and "
            "CSCX_GOOGLE_CLIENT_SECRET."
        )
    return found
