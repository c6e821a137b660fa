from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Draft
from services import drafts
from services.ids import public_id
from tests.services.drafts.world import new_draft
from tests.support.apptest import open_page, words
from tests.support.portfolio import portfolio


def test_two_mails_become_one_with_a_click_and_two_again(app_database: Engine):
    now = datetime.now(UTC)
    with transaction() as session:
        known = portfolio(session, now)
        new = [
            new_draft(known, "a"),
            new_draft(known, "b", subject="*Seats*", text="Hi,\n\nseats."),
        ]
        first, second = drafts.create_many(session, new, now=now)
    page = open_page("draft", as_=known.dana, id=public_id("draft", first))
    page = page.button(key=f"drafts.move.merge.{second}.{first}").click().run()
    assert not page.exception
    assert "seats." in str(page.text_area[0].value)
    page = open_page("draft", as_=known.dana, id=public_id("draft", second))
    assert not page.exception
    assert f"drafts.move.approve.{second}" not in [button.key for button in page.button]
    assert "It goes out in “After the webinar”" in words(page)
    with transaction(read_only=True) as session:
        made = session.scalars(select(Draft).where(Draft.kind == "merged")).one()
    page = open_page("draft", as_=known.dana, id=public_id("draft", made.id))
    page = page.button(key=f"drafts.move.take_apart.{made.id}").click().run()
    assert not page.exception
    with transaction(read_only=True) as session:
        states = [session.get_one(Draft, number).state for number in (made.id, first, second)]
    assert states == ["cancelled", "pending", "held"]
