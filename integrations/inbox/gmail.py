"""New mail of a Gmail account: by its history, or by a search when that reaches back too short."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

from integrations.google_http import GoogleAccount, call
from integrations.google_trouble import Trouble
from integrations.inbox import MOST, Fetched, InboundMessage

_RECENT = "in:inbox newer_than:3d"
_PAGES = 20


def fetch(account: GoogleAccount, cursor: dict[str, Any]) -> Fetched:
    """What came to the inbox since `cursor`; with none, only where to start from. Raises Trouble."""
    profile = call(account, lambda g: g.users().getProfile(userId="me"), api="gmail")
    newest = str(profile["historyId"])
    since = cursor.get("history")
    if since is None:
        return Fetched((), {"history": newest})
    # The profile was asked first: what comes in between is in both rounds, and kept once.
    waiting = list(cursor.get("waiting", []))
    if waiting:
        newest = str(since)
    else:
        waiting = _added(account, str(since))
    taken, left = waiting[:MOST], waiting[MOST:]
    found = [message for one in taken if (message := _message(account, one)) is not None]
    found.sort(key=lambda message: message.received_at)
    return Fetched(tuple(found), {"history": newest} | ({"waiting": left} if left else {}))


def _added(account: GoogleAccount, since: str) -> list[str]:
    try:
        return _history(account, since)
    except Trouble as trouble:
        if trouble.kind != "missing":
            raise
        return _search(account)


def _history(account: GoogleAccount, since: str) -> list[str]:
    found: dict[str, None] = {}
    page: str | None = None
    for _ in range(_PAGES):
        asked: dict[str, Any] = {
            "userId": "me", "startHistoryId": since, "historyTypes": ["messageAdded"],
            "labelId": "INBOX",
        } | ({"pageToken": page} if page else {})  # fmt: skip
        answer = call(account, lambda g, a=asked: g.users().history().list(**a), api="gmail")
        for entry in answer.get("history", []):
            found |= {str(one["message"]["id"]): None for one in entry.get("messagesAdded", [])}
        page = answer.get("nextPageToken")
        if not page:
            break
    return list(found)


def _search(account: GoogleAccount) -> list[str]:
    """Google forgets its history after a week or so; taken twice does no harm."""
    answer = call(
        account,
        lambda g: g.users().messages().list(userId="me", q=_RECENT, maxResults=500),
        api="gmail",
    )
    return [str(one["id"]) for one in answer.get("messages", [])]


def _message(account: GoogleAccount, number: str) -> InboundMessage | None:
    """None when it has been deleted meanwhile."""
    try:
        found = call(
            account,
            lambda g: g.users().messages().get(userId="me", id=number, format="raw"),
            api="gmail",
        )
    except Trouble as trouble:
        if trouble.kind == "missing":
            return None
        raise
    raw = str(found.get("raw", ""))
    moment = datetime.fromtimestamp(int(found.get("internalDate", 0)) / 1000, UTC)
    body = urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    return InboundMessage(number, body, moment, found.get("threadId"))
