"""Who got a campaign and what they did with it, page by page."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select, true
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import CampaignEvent, CampaignMail, CampaignRecipient, Customer, ledger
from services.access import Viewer, visible
from services.campaigns.counts import DELIVERED, IN_QUESTION
from services.campaigns.report.campaign import get_campaign
from services.campaigns.report.records import PEOPLE, PeopleFilters, PeoplePage

PAGE_ROWS = 100
_PIECE = 500
_PLAIN = {name: kind for name, kind in PEOPLE.items() if name != "totals"}
_E, _M, _R = CampaignEvent, CampaignMail, CampaignRecipient
_NO_PERSON = _M.human_open_at.is_(None)
_NOTHING_TIMED = _NO_PERSON & (_M.opens_hidden == 0) & ((_M.opens > 0) | (_M.clicks > 0))
_UNTIMED = (_E.kind.in_((ledger.OPEN, ledger.CLICK)), _E.timed.is_(False))
_COUNTED = exists().where(_E.mail_id == _M.id, *_UNTIMED)
HOLDS: dict[str, ColumnElement[bool]] = {
    "clicked": _M.clicks_human > 0,
    "replied": _M.replied_at.is_not(None),
    "opened": _M.human_open_at.is_not(None),
    "hidden": (_M.opens_hidden > 0) & _NO_PERSON,
    "machine": _NOTHING_TIMED & ~_COUNTED,
    "totals": _NOTHING_TIMED & _COUNTED,
    "silent": DELIVERED & _NO_PERSON & (_M.opens == 0) & (_M.clicks == 0),
    "bounced": _M.bounce > 0,
    "left": _M.unsubscribed_at.is_not(None) | _M.complained_at.is_not(None),
    "quarantined": IN_QUESTION,
    "unmatched": _R.customer_id.is_(None) & (_R.band != "excluded"),
}
"""The conditions of STATES."""


def people(
    session: Session,
    by: Viewer,
    campaign_id: int,
    *,
    filters: PeopleFilters | None = None,
    offset: int = 0,
    limit: int = PAGE_ROWS,
) -> PeoplePage:
    """PEOPLE of the customers that `by` sees, who answered most first. Who sees all customers also sees the
    addresses of nobody's. NotFound when there is no such campaign."""
    campaign = get_campaign(session, by, campaign_id)
    wanted = filters or PeopleFilters()
    where = _conditions(by, campaign_id, wanted)
    if by.sees_all and wanted == PeopleFilters():
        total = campaign.mails
    else:
        total = session.scalar(_joined(select(func.count())).where(*where)) or 0
    statement = _joined(select(*_columns())).where(*where)
    # Ordered by what is in the row itself: no more is sorted than the page takes.
    ordered = statement.order_by(*_best_first()).offset(offset).limit(limit)
    return PeoplePage(_with_totals(session, read_frame(session, ordered, _PLAIN)), int(total))


def _with_totals(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """PEOPLE of _PLAIN. Looked up for those alone that are shown: in the list's own query it would be for all
    that are sorted."""
    acted = (pl.col("opens") > 0) | (pl.col("clicks") > 0)
    unsure = rows.filter(pl.col("human_open_at").is_null() & (pl.col("opens_hidden") == 0) & acted)
    asked = select(_E.mail_id).where(*_UNTIMED).distinct()
    found: list[int] = []
    for part in unsure.iter_slices(_PIECE):
        found += session.scalars(asked.where(_E.mail_id.in_(part["mail_id"].to_list())))
    counted = pl.Series(found, dtype=pl.Int64).implode()
    return rows.with_columns(totals=pl.col("mail_id").is_in(counted)).select(*PEOPLE)


def _columns() -> tuple[Any, ...]:
    return (
        _M.id, _R.email, _R.name, _R.customer_id, Customer.name, _R.stakeholder_id, _R.band, _M.sent_at,
        DELIVERED, _M.opens, _M.opens_human, _M.opens_hidden, _M.human_open_at, _M.clicks,
        _M.clicks_human, _M.human_click_at, _M.replied_at, _M.forwarded_at, _M.unsubscribed_at,
        case((IN_QUESTION, _M.quarantined_at)), _M.bounce, _M.complained_at,
    )  # fmt: skip


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(_M)
        .join(_R, _R.id == _M.recipient_id)
        .outerjoin(Customer, Customer.id == _R.customer_id)
    )


def _best_first() -> tuple[Any, ...]:
    human = case(
        (HOLDS["replied"], 0), (HOLDS["clicked"], 1), (HOLDS["opened"], 2), (HOLDS["hidden"], 3),
        else_=4,
    )  # fmt: skip
    return human, _M.clicks_human.desc(), _M.id


def _conditions(by: Viewer, campaign_id: int, wanted: PeopleFilters) -> list[ColumnElement[bool]]:
    mine = true() if by.sees_all else visible(by)
    found = [_M.campaign_id == campaign_id, mine]
    if wanted.state in HOLDS:
        found.append(HOLDS[wanted.state])
    if words := wanted.search.strip():
        named = (_R.email, _R.name, Customer.name)
        found.append(or_(*(column.icontains(words, autoescape=True) for column in named)))
    return found


def sees_mail(session: Session, by: Viewer, mail_id: int) -> bool:
    """Whether a mail is of a customer that `by` sees."""
    mine = true() if by.sees_all else visible(by)
    asked = _joined(select(_M.id)).where(_M.id == mail_id, mine)
    return session.scalar(asked) is not None
