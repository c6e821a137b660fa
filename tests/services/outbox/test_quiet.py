from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.outbox import SendPolicy
from services.outbox.quiet import open_at

ZONES = ["UTC", "Europe/Berlin", "America/Chicago", "Asia/Kolkata", "Pacific/Chatham"]
HALF_HOURS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))


def allowed(moment: datetime, zone: str, policy: SendPolicy) -> bool:
    """Written once more, minute by minute, as people would say it."""
    local = moment.astimezone(ZoneInfo(zone))
    if local.weekday() in (5, 6) and not policy.weekends:
        return False
    minute = local.hour * 60 + local.minute
    start = policy.quiet_from.hour * 60 + policy.quiet_from.minute
    length = (policy.quiet_until.hour * 60 + policy.quiet_until.minute - start) % 1440
    return (minute - start) % 1440 >= length


@given(
    minutes=st.integers(0, 2 * 366 * 24 * 60),
    zone=st.sampled_from(ZONES),
    quiet_from=HALF_HOURS,
    quiet_until=HALF_HOURS,
    weekends=st.booleans(),
)
def test_first_moment_outside_quiet_hours_is_found(
    minutes: int, zone: str, quiet_from: time, quiet_until: time, weekends: bool
):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    policy = SendPolicy(quiet_from=quiet_from, quiet_until=quiet_until, weekends=weekends)
    found = open_at(at, zone, policy)
    assert allowed(found, zone, policy)
    assert at <= found <= at + timedelta(days=5)
    # No earlier minute will do; where clocks go forward over the end of the night, up to an hour may.
    before = found - timedelta(hours=1)
    while before > at:
        assert not allowed(before, zone, policy)
        before -= timedelta(minutes=30)
    assert (found == at) == allowed(at, zone, policy)


def test_friday_night_waits_for_monday_morning_there():
    friday = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
    opens = open_at(friday, "Europe/Berlin", SendPolicy())
    assert opens == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_unknown_zone_is_the_default_one():
    night = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
    assert open_at(night, "Mars/Olympus", SendPolicy()) == night.replace(hour=7)
