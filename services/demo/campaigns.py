"""The story's bulk mail in by the Upload page's own door, judged, and with rules that have looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import transaction
from services.access.viewer import Viewer
from services.campaigns import judging, rules, settling
from services.campaigns.insight.kept import keep_insight
from services.campaigns.settling import WAIT
from services.demo.mailings import sent_at
from services.demo.platforms.mail import (
    OFFER,
    write_hubspot,
    write_listmonk,
    write_mailchimp,
    write_sendgrid,
)
from services.demo.story import Story
from services.uploads import intake, mail
from services.uploads.records import Choices

CAPS: Mapping[str, int] = {"engaged": 4, "left": 20, "quiet": 5}
"""The rules that are on, and how often they may act in a week."""


def load_campaigns(
    story: Story, folder: Path, *, by: Viewer, now: datetime, engine: Engine | None = None
) -> int:
    """How many files went in."""
    named = {"name": OFFER.name, "date": sent_at(OFFER, story).date().isoformat()}
    files = (
        (write_sendgrid(folder, story), Choices()),
        (write_listmonk(folder, story), Choices()),
        (write_mailchimp(folder, story), Choices(only_event=named)),
        (write_hubspot(folder, story), Choices()),
    )
    for path, choices in files:
        with transaction(engine) as session:
            received = intake.receive(session, path, path.name, by=by, now=now - WAIT)
        if received.repeat_of is None:
            mail.preview(received.upload_id, now=now, choices=choices, engine=engine)
            mail.commit(received.upload_id, by=by, now=now - WAIT, engine=engine)
    with transaction(engine) as session:
        judging.judge_again(session, now=now)
        settling.settle(session, now=now)
        keep_insight(session, now=now)
        _look(session, by, now)
    return len(files)


def _look(session: Session, by: Viewer, now: datetime) -> None:
    """Every rule is tested on history; those of CAPS are on and have acted once."""
    rules.ensure_built_in(session, now=now)
    for row in rules.listing(session, by, now):
        cap = CAPS.get(row.built_in or "")
        if cap is not None and cap != row.cap:
            new = rules.NewRule(row.name, row.condition, row.window_days, row.action, row.cap)
            rules.change(session, row.id, row.revision, replace(new, cap=cap), by=by, now=now)
        found = rules.tried(session, row.id, by=by, now=now)
        rules.keep(session, row.id, found, by=by, now=now)
        if cap is not None:
            rules.switch_on(session, row.id, found.revision, by=by, now=now)
    rules.fire_all(session, now=now)
