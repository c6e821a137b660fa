from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Person
from services.access.day import Day, own_day, set_own_day, zones
from tests.support.portfolio import portfolio


def test_day_is_the_app_s_until_it_is_chosen(session: Session, now: datetime):
    us = portfolio(session, now)
    assert own_day(session, us.dana) == Day("UTC", digest=True, chosen=False)
    set_own_day(session, "Asia/Tokyo", digest=False, by=us.dana, now=now)
    assert own_day(session, us.dana) == Day("Asia/Tokyo", digest=False, chosen=True)
    assert not own_day(session, us.erik).chosen


def test_zone_that_is_none_gives_way_to_the_app_s_and_is_told(session: Session, now: datetime):
    us = portfolio(session, now)
    session.get_one(Person, us.dana.person_id).time_zone = "Mars/Olympus"
    session.flush()
    found = own_day(session, us.dana)
    assert (found.zone, found.chosen, found.unknown) == ("UTC", False, "Mars/Olympus")
    set_own_day(session, "UTC", digest=True, by=us.dana, now=now)
    assert own_day(session, us.dana) == Day("UTC", digest=True, chosen=True)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd"])
def test_zone_that_is_none_is_refused(session: Session, now: datetime, zone: str):
    us = portfolio(session, now)
    with pytest.raises(BadInput):
        set_own_day(session, zone, digest=True, by=us.dana, now=now)


def test_every_zone_on_offer_exists():
    assert "Europe/Berlin" in zones()
    assert all(ZoneInfo(name) for name in zones())
