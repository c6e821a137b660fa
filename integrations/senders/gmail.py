"""Gmail: a draft first, then that draft is sent. Its id works once, so a send that is tried again cannot double."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from integrations.google_http import GoogleAccount, Service, call
from integrations.google_trouble import Trouble
from integrations.senders import (
    HELD_UP,
    Found,
    NotPrepared,
    Orphan,
    Outcome,
    OutcomeKind,
    Outgoing,
    bare_id,
    reply_line,
)

OUR_HEADER = "X-CSCX-Message"
_LOOKED_AT = 200
"""Messages compared at most in one look-up, and drafts in one round of tidying."""
_PAGE = 50
LONGEST_NAME = 200
_LOOK_BACK = timedelta(days=1)
_TIDY_BACK = timedelta(days=7)
_OUTCOMES: dict[str, OutcomeKind] = {
    "revoked": "revoked",
    "for_now": "refused_for_now",
    "for_good": "refused_for_good",
}


@dataclass(frozen=True)
class Identity:
    """An account's own address, in small letters, and the name it writes under, which may be empty."""

    address: str
    name: str


class GmailSender:
    drafts_first = True
    settles = True

    def __init__(self, account: GoogleAccount) -> None:
        self._account = account
        self.longest = timedelta(seconds=4 * (account.client.seconds + 10))
        """Four exchanges at most: a token, the call, and both again after a 401."""

    def prepare(self, outgoing: Outgoing) -> str | None:
        body = {"message": {"raw": _encoded(outgoing.raw)}}
        try:
            made = self._call(lambda g: g.users().drafts().create(userId="me", body=body))
        except Trouble as trouble:
            raise NotPrepared(_refused(trouble)) from None
        found = str(made.get("id", ""))
        if not found:
            raise NotPrepared(Outcome("refused_for_now", reply="Google made no draft."))
        return found

    def send(self, outgoing: Outgoing) -> Outcome:
        """The frozen text goes along, so that a draft somebody changed by hand goes out as approved."""
        if not outgoing.provider_draft_id:
            return Outcome("refused_for_now", reply="There is no draft at Gmail yet.")
        body = {
            "id": outgoing.provider_draft_id,
            "message": {"raw": _encoded(outgoing.raw)},
        }
        if not outgoing.in_time():
            return HELD_UP
        try:
            sent = self._call(lambda g: g.users().drafts().send(userId="me", body=body))
        except Trouble as trouble:
            # A draft that is missing was sent before, or deleted by hand.
            return _outcome(trouble, "unknown")
        if not sent.get("id"):
            return Outcome("unknown", reply="Google's answer names no message.")
        return Outcome("sent", provider_id=str(sent["id"]), thread_id=_text(sent.get("threadId")))

    def look_up(self, outgoing: Outgoing) -> Found:
        """The draft still there: not sent. Gone: compare what lies in Sent, never trusting the search."""
        try:
            if outgoing.provider_draft_id and self._draft_is_there(outgoing.provider_draft_id):
                return Found("not_sent")
            return self._in_sent(outgoing)
        except Trouble as trouble:
            return Found("unclear", reply=trouble.words)

    def discard(self, provider_draft_id: str) -> None:
        try:
            self._call(lambda g: g.users().drafts().delete(userId="me", id=provider_draft_id))
        except Trouble:
            return  # gone already, or the next round's

    def orphans(self, before: datetime) -> Sequence[Orphan]:
        """Drafts of the last week that carry our header; those a person wrote have none."""
        after = before - _TIDY_BACK
        query = f"after:{_epoch(after)} before:{_epoch(before)}"
        found: list[Orphan] = []
        try:
            for draft in islice(self._pages("drafts", q=query), _LOOKED_AT):
                whole = self._metadata("drafts", draft["id"])
                message = whole.get("message", {})
                key = _headers(message).get(OUR_HEADER.lower(), "").strip()
                if key and _written_before(message, before):
                    found.append(Orphan(str(draft["id"]), key))
        except Trouble:
            return found
        return found

    def check(self) -> str | None:
        try:
            self.identity()
        except Trouble as trouble:
            return trouble.words
        return None

    def identity(self) -> Identity:
        """Whose account it is. Raises Trouble."""
        listed = self._call(lambda g: g.users().settings().sendAs().list(userId="me"))
        for alias in listed.get("sendAs", []):
            if alias.get("isPrimary"):
                name = reply_line(str(alias.get("displayName") or ""))[:LONGEST_NAME]
                return Identity(str(alias.get("sendAsEmail", "")).lower(), name)
        raise Trouble("for_good", "Google does not say which address this account has.")

    def _call(self, make: Callable[[Service], Any]) -> dict[str, Any]:
        return call(self._account, make, api="gmail")

    def _draft_is_there(self, draft_id: str) -> bool:
        try:
            self._call(lambda g: g.users().drafts().get(userId="me", id=draft_id, format="minimal"))
        except Trouble as trouble:
            if trouble.kind == "missing":
                return False
            raise
        return True

    def _in_sent(self, outgoing: Outgoing) -> Found:
        query = f"in:sent to:{outgoing.recipient}"
        if outgoing.wire_at:
            query += f" after:{_epoch(outgoing.wire_at - _LOOK_BACK)}"
        hits = self._pages("messages", q=query, labelIds=["SENT"])
        for hit in islice(hits, _LOOKED_AT):
            message = self._metadata("messages", hit["id"])
            if _is_ours(message, outgoing):
                return Found("sent", str(message["id"]), _text(message.get("threadId")))
        return Found("unclear", reply="The draft is gone, and Sent does not hold the message.")

    def _pages(self, kind: str, **search: Any) -> Iterator[dict[str, Any]]:
        token: str | None = None
        while True:
            page = self._call(
                lambda g, token=token: getattr(g.users(), kind)().list(
                    userId="me", maxResults=_PAGE, pageToken=token, **search
                )
            )
            yield from page.get(kind, [])
            token = page.get("nextPageToken")
            if not token:
                return

    def _metadata(self, kind: str, number: str) -> dict[str, Any]:
        """Without the text of anybody's mail. Gone in between: empty."""
        try:
            return self._call(
                lambda g: getattr(g.users(), kind)().get(userId="me", id=number, format="metadata")
            )
        except Trouble as trouble:
            if trouble.kind == "missing":
                return {}
            raise


def _is_ours(message: dict[str, Any], outgoing: Outgoing) -> bool:
    """By our header, which only we write; by the Message-ID where a provider keeps that instead."""
    headers = _headers(message)
    ours = headers.get(OUR_HEADER.lower())
    if ours is not None:
        return ours.strip() == outgoing.key
    return bare_id(headers.get("message-id", "")) == bare_id(outgoing.message_id)


def _headers(message: dict[str, Any]) -> dict[str, str]:
    """By name in small letters; the first of each counts."""
    found: dict[str, str] = {}
    for header in message.get("payload", {}).get("headers", []):
        found.setdefault(str(header.get("name", "")).lower(), str(header.get("value", "")))
    return found


def _written_before(message: dict[str, Any], before: datetime) -> bool:
    """The search is asked for that too, but not believed."""
    stamp = str(message.get("internalDate", ""))
    return stamp.isdigit() and int(stamp) / 1000 < before.timestamp()


def _refused(trouble: Trouble) -> Outcome:
    """Of making a draft: nothing has left in any case, at worst a draft is left behind."""
    return _outcome(trouble, "refused_for_now")


def _outcome(trouble: Trouble, otherwise: OutcomeKind) -> Outcome:
    return Outcome(
        _OUTCOMES.get(trouble.kind, otherwise),
        reply=trouble.words,
        retry_after=trouble.retry_after,
        at_limit=trouble.at_limit,
    )


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _text(value: object) -> str | None:
    return str(value) if value else None
