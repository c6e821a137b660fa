"""Mailchimp: who left or was cleaned from an audience. It signs nothing: the hook's address is the secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

import polars as pl

from data.errors import BadInput
from data.tables import ledger
from integrations.hooks.mail import Told, frame_of, iso_micros
from integrations.hooks.records import Headers, Said, Vendor, digest

_KINDS = {"unsubscribe": ledger.UNSUBSCRIBE, "cleaned": ledger.HARD_BOUNCE}
_MOST_FIELDS = 500


def verify(_headers: Headers, _raw: bytes, _secrets: Sequence[str], _now: datetime) -> bool:
    """Whoever knows the address may send."""
    return True


def sort(_headers: Headers, raw: bytes, _secrets: Sequence[str]) -> Said:
    kind = _fields(raw).get("type")
    if not kind:
        raise BadInput("The body names no type.")
    return Said(digest(raw), kind[:80], "mail" if kind in _KINDS else None)


def _fields(raw: bytes) -> dict[str, str]:
    try:
        text = raw.decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except (UnicodeDecodeError, ValueError):
        raise BadInput("The body is not a form.") from None


def read(bodies: Sequence[bytes]) -> pl.DataFrame:
    return frame_of(told for raw in bodies for told in _told(_fields(raw)))


def _told(said: dict[str, str]) -> Iterator[Told]:
    kind = _KINDS.get(said.get("type", ""))
    if kind is None:
        return
    reason = said.get("data[reason]")
    if kind == ledger.HARD_BOUNCE and reason == "abuse":
        kind = ledger.COMPLAINT
    if kind == ledger.UNSUBSCRIBE and reason == "abuse":
        kind = ledger.COMPLAINT
    names = [said.get(f"data[merges][{key}]", "") for key in ("FNAME", "LNAME")]
    yield Told(
        kind,
        iso_micros(said.get("fired_at")),
        said.get("data[email]") or said.get("data[merges][EMAIL]"),
        None,
        None,
        said.get("data[campaign_id]"),
        detail=reason,
        everything=False if kind == ledger.UNSUBSCRIBE else None,
        name=" ".join(names).strip() or None,
        # The form where one leaves is filled in and sent: no scanner does that.
        method=2 if kind == ledger.UNSUBSCRIBE and reason == "manual" else None,
    )


VENDOR = Vendor("mailchimp", "Mailchimp", "none", verify, sort, None, read=read, probed=True)
