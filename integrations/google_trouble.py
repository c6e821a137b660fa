"""What a failed call to Google means: whose turn it is, and whether anything may have happened."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from googleapiclient.errors import HttpError

from integrations.senders import reply_line

_LONGEST_WAIT = timedelta(days=1)
_AGAIN = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
TroubleKind = Literal["revoked", "for_now", "for_good", "missing", "exists", "unknown"]

RECONNECT = "Google no longer lets the app in. Connect this mailbox again on the Mailboxes page."
_BUSY = {
    "rateLimitExceeded": None,
    "userRateLimitExceeded": None,
    "concurrentLimitExceeded": None,
    "RESOURCE_EXHAUSTED": None,
    "dailyLimitExceeded": timedelta(hours=1),
    "quotaExceeded": timedelta(hours=1),
}
"""Reasons of a 403 or 429 that pass, and how long to wait where Google does not say."""
_SWITCHED_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
_MISSING_SCOPE = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}


class Trouble(Exception):
    """A call that failed. revoked: the account must be connected again. for_now, for_good: Google
    certainly did nothing. missing: there is no such thing there. exists: there is one of that id already.
    unknown: it may have been done. `at_limit`: for now the account has done all it may."""

    def __init__(
        self,
        kind: TroubleKind,
        words: str,
        retry_after: timedelta | None = None,
        *,
        at_limit: bool = False,
    ) -> None:
        super().__init__(kind)
        self.kind: TroubleKind = kind
        self.words = words
        self.retry_after = retry_after
        self.at_limit = at_limit


def sorted_error(error: HttpError) -> Trouble:
    """The trouble behind an answer that is no success."""
    status, reasons, words = error.status_code, _reasons(error), _said(error)
    if status == 401:
        return Trouble("revoked", RECONNECT)
    if status == 429:
        return _at_limit(error, reasons, words)
    if status == 403:
        return _forbidden(error, reasons, words)
    if status in (404, 410):
        return Trouble("missing", words)
    if status == 409:
        return Trouble("exists", words)
    if status == 400 and "failedPrecondition" in reasons:
        return Trouble("revoked", f"{words} Gmail may be switched off for this account.")
    if 400 <= status < 500 and status != 408:
        return Trouble("for_good", words)
    return Trouble("unknown", words)


def _forbidden(error: HttpError, reasons: set[str], words: str) -> Trouble:
    if reasons & set(_BUSY):
        return _at_limit(error, reasons, words)
    if reasons & _SWITCHED_OFF:
        return Trouble("for_now", words, timedelta(minutes=10))
    if reasons & _MISSING_SCOPE:
        return Trouble(
            "revoked",
            "The connection lacks a right. Connect this mailbox again and leave every box ticked.",
        )
    return Trouble("revoked", words)


def _at_limit(error: HttpError, reasons: set[str], words: str) -> Trouble:
    known = [wait for reason in reasons if (wait := _BUSY.get(reason))]
    wait = _retry_after(error) or _until_named(error, words) or max(known, default=None)
    return Trouble("for_now", words, wait, at_limit=True)


def _reasons(error: HttpError) -> set[str]:
    said = _body(error)
    parts = [said, *(said.get("errors") or []), *(said.get("details") or [])]
    return {
        str(part[name])
        for part in parts
        if isinstance(part, dict)
        for name in ("reason", "status")
        if part.get(name)
    }


def _said(error: HttpError) -> str:
    return reply_line(f"{error.status_code} {_body(error).get('message', '')}".strip())


def _body(error: HttpError) -> dict[str, Any]:
    try:
        found = json.loads(error.content).get("error")
    except (ValueError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def _retry_after(error: HttpError) -> timedelta | None:
    seconds = whole_number(error.resp.get("retry-after"), 0)
    return min(timedelta(seconds=seconds), _LONGEST_WAIT) if seconds > 0 else None


def _until_named(error: HttpError, words: str) -> timedelta | None:
    """Gmail says in its words when a mailbox that has reached its limit may send again; by Google's own clock."""
    named = _AGAIN.search(words)
    if named is None:
        return None
    try:
        said_at = parsedate_to_datetime(str(error.resp.get("date")))
        wait = datetime.fromisoformat(named.group(1)).replace(tzinfo=UTC) - said_at
    except (TypeError, ValueError):
        return None
    return min(wait, _LONGEST_WAIT) if wait > timedelta() else None


def whole_number(value: object, instead: int) -> int:
    """A number of seconds as Google sends it; `instead` for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else instead
