"""Whose campaign it is, where a platform has several accounts with us: their ids may be the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignMail,
    CampaignRecipient,
    Integration,
    Upload,
)
from services.campaigns.naming import bare, message_keys, name_of, native_key, of_account
from services.campaigns.source import Source

_ENOUGH = 0.5
"""Of the smaller one's recipients, from which on two are taken for the same campaign."""
_PIECE = 500


@dataclass(frozen=True)
class _Told:
    """What a batch says of a campaign."""

    key: str
    names: frozenset[str]
    subjects: frozenset[str]
    people: frozenset[str]


def placed(session: Session, source: Source, events: pl.DataFrame) -> dict[str, str]:
    """The `vendor_key` of campaigns of these events that is another than their vendor's id alone.

    That alone is of the first account, and all there is with one. Files do not tell their account: they go
    where most of their recipients are. `events`: MAIL_EVENTS and address.
    """
    if source.source not in ("webhook", "file"):
        return {}
    asked = select(Integration.id, Integration.state).where(Integration.vendor == source.vendor)
    accounts = {row[0]: row[1] for row in session.execute(asked.order_by(Integration.id))}
    if len(accounts) < 2:
        return {}
    told = _told(session, source, events)
    spelled = [t.key for t in told]
    spelled += [of_account(number, key) for number in (0, *accounts) for key in spelled]
    known = _known(session, source.vendor, spelled)
    if source.source == "file":
        places = {one.key: _of_file(session, source, one, known) for one in told}
    else:
        first = _is_first(session, source, accounts)
        places = {one.key: _of_hook(session, source, one, known, first=first) for one in told}
    return {key: place for key, place in places.items() if key != place}


def _is_first(session: Session, source: Source, accounts: Mapping[int, str]) -> bool:
    """Or set up after all the others were removed: the same account, most likely."""
    before = [state for number, state in accounts.items() if number < source.account]
    if not before:
        return True
    own = of_account(source.account, "")
    second = exists().where(
        Campaign.vendor == source.vendor, Campaign.vendor_key.startswith(own, autoescape=True)
    )
    return set(before) == {"removed"} and not session.scalar(select(second))


def _of_hook(
    session: Session, source: Source, told: _Told, known: Mapping[str, Campaign], *, first: bool
) -> str:
    own = of_account(source.account, told.key)
    if own in known:
        return own
    plain = known.get(told.key)
    for found in (plain, known.get(of_account(0, told.key))):
        if found is None or not _of_files(session, found):
            continue
        if _alike(session, source, told, found):
            if not (first and found is plain):
                _rename(session, found, own)
            return found.vendor_key
    if first:
        return own if plain is not None and _of_files(session, plain) else told.key
    return own


def _of_file(session: Session, source: Source, told: _Told, known: Mapping[str, Campaign]) -> str:
    there = sorted(
        (one for key, one in known.items() if bare(key) == told.key),
        key=lambda one: (one.vendor_key != told.key, one.vendor_key),
    )
    shares = {one.vendor_key: _shared(session, told, one) for one in there}
    alike = [one for one in there if _alike(session, source, told, one)]
    if alike:
        return max(alike, key=lambda one: shares[one.vendor_key]).vendor_key
    return of_account(0, told.key) if told.key in known else told.key


def _alike(session: Session, source: Source, told: _Told, other: Campaign) -> bool:
    """Whether they may be one campaign by what they are called, and are by whom they went to."""
    title = other.name.casefold()
    given = {_title(session, other.upload_id), name_of(other.vendor_key, None, source.label)}
    names = {title} - {one.casefold() for one in given}
    subjects = {other.subject.casefold()} if other.subject else set[str]()
    same = bool(names & told.names or subjects & told.subjects)
    differ = bool((names and told.names) or (subjects and told.subjects))
    if differ and not same:
        return False
    return _shared(session, told, other) >= _ENOUGH or (same and _of_files(session, other))


def _shared(session: Session, told: _Told, other: Campaign) -> float:
    asked = (
        select(CampaignRecipient.address)
        .join(CampaignMail, CampaignMail.recipient_id == CampaignRecipient.id)
        .where(CampaignMail.campaign_id == other.id)
    )
    theirs = set(read_frame(session, asked, {"address": pl.String})["address"])
    least = min(len(theirs), len(told.people))
    return len(theirs & told.people) / least if least else 0.0


def _of_files(session: Session, campaign: Campaign) -> bool:
    """Whether files alone have told of it."""
    heard = (
        select(CampaignEvent.key)
        .join(CampaignMail, CampaignMail.id == CampaignEvent.mail_id)
        .where(CampaignMail.campaign_id == campaign.id, CampaignEvent.upload_id.is_(None))
    )
    return not session.scalar(select(heard.exists()))


def _rename(session: Session, campaign: Campaign, key: str) -> None:
    """The campaign is that of an account from now on, and so are its mails."""
    old, new = message_keys(campaign.vendor, [campaign.vendor_key, key])
    m = CampaignMail
    moved = update(m).where(m.campaign_id == campaign.id, m.message == old).values(message=new)
    session.execute(moved.execution_options(synchronize_session=False))
    campaign.vendor_key = key
    session.flush()


def _known(session: Session, vendor: str, keys: Sequence[str]) -> dict[str, Campaign]:
    found: dict[str, Campaign] = {}
    for start in range(0, len(keys), _PIECE):
        some = keys[start : start + _PIECE]
        asked = select(Campaign).where(Campaign.vendor == vendor, Campaign.vendor_key.in_(some))
        found |= {one.vendor_key: one for one in session.scalars(asked)}
    return found


def _told(session: Session, source: Source, events: pl.DataFrame) -> list[_Told]:
    given = _title(session, source.upload_id).casefold()
    rows = (
        events.filter(
            pl.col("campaign").is_not_null() & ~pl.col("campaign").str.starts_with("file:")
        )
        .group_by(key=native_key())
        .agg(
            names=pl.col("campaign_name").str.to_lowercase().drop_nulls().unique(),
            subjects=pl.col("subject").str.to_lowercase().drop_nulls().unique(),
            people=pl.col("address").drop_nulls().unique(),
        )
        .sort("key")
    )
    return [
        _Told(
            key,
            frozenset(name.casefold() for name in names) - {given},
            frozenset(subject.casefold() for subject in subjects),
            frozenset(people),
        )
        for key, names, subjects, people in rows.iter_rows()
    ]


def _title(session: Session, upload_id: int | None) -> str:
    """What the campaign of a file is called where its rows do not say."""
    upload = session.get(Upload, upload_id) if upload_id else None
    return str((upload.summary or {}).get("campaign", {}).get("name", "")) if upload else ""
