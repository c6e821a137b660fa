"""The story's bulk mail holds on whatever day it is told, and goes with that of its events."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time

import pytest

from services.demo.mailings import FADING, GONE, LEAVES, MAILINGS, sendgrid_events, sent_at
from services.demo.story import tell
from tests.services.demo.scores import some_days


@pytest.mark.parametrize("day", [*some_days()][:4], ids=str)
def test_mail_is_of_the_year_before_and_who_fades_stops_answering(day: date):
    story = tell(day)
    moments = [sent_at(mailing, story) for mailing in MAILINGS]
    assert moments == sorted(moments)
    assert all(at < datetime.combine(day, time(), UTC) for at in moments)
    events = list(sendgrid_events(story))
    assert len({one["sg_event_id"] for one in events}) == len(events)
    assert all(one["timestamp"] < datetime.combine(day, time(), UTC).timestamp() for one in events)
    domains = {member.account.domain: member.account.name for member in story.members}
    last = {len(MAILINGS), len(MAILINGS) - 1}
    quiet = [
        domains.get(one["email"].split("@")[1])
        for one in events
        if int(one["marketing_campaign_id"]) in last and one["event"] == "click"
    ]
    assert not {*quiet} & {*FADING}
    assert len({*quiet}) > 20
    kinds = Counter(one["event"] for one in events)
    assert (kinds["group_unsubscribe"], kinds["unsubscribe"] > 0, kinds["bounce"]) == (1, True, 2)


def test_nobody_that_the_story_speaks_of_leaves_or_is_gone():
    people = {(m.account.name, m.person): m for m in tell(date(2026, 11, 21)).members}
    for who in (LEAVES, GONE):
        assert people[who].in_crm
        assert people[who].role not in ("champion", "executive_sponsor")
