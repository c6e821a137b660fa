"""Personal invitations: what each person is written, as drafts that wait for approval."""

from __future__ import annotations

from services.invitations.inviting import guard as _guard  # speaks at every pre-flight
from services.invitations.inviting.create import Invited, Wishes, invite_many
from services.invitations.inviting.preview import InvitePreview, preview

__all__ = ["InvitePreview", "Invited", "Wishes", "invite_many", "preview"]
assert _guard
