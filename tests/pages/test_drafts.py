from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from components.selection import NAME_WIDTH
from data.db import transaction
from data.tables import Customer, Draft, DraftEvent, OutboxMail, StakeholderEmail
from services import drafts, rendering
from services.drafts import NewDraft
from services.ids import public_id
from services.outbox import SendPolicy
from services.outbox import policy as policies
from tests.services.drafts.world import WORDS, new_draft
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio

pytestmark = pytest.mark.one_database

HOSTILE = "![x](http://evil.example/x.png) <script>alert(1)</script>"


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, datetime.now(UTC))


def add(*new: NewDraft) -> list[int]:
    with transaction() as session:
        return drafts.create_many(session, new, now=datetime.now(UTC))


def one(number: int) -> Draft:
    with transaction(read_only=True) as session:
        return session.get_one(Draft, number)


def draft_page(number: int, as_: Portfolio | None = None, who: int | None = None) -> AppTest:
    return open_page("draft", who, id=public_id("draft", number))


def said(page: AppTest) -> str:
    return words(page).replace("\\", "")


def offered(page: AppTest, move: str) -> Any:
    """The button of a move, whichever draft it is for; None when there is none."""
    own = f"drafts.move.{move}."
    return next((button for button in page.button if str(button.key).startswith(own)), None)


def press(page: AppTest, move: str) -> AppTest:
    return offered(page, move).click().run()


def test_empty_list_teaches_where_drafts_come_from(known: Portfolio):
    page = open_page("drafts", known.dana)
    assert "No drafts yet" in said(page)
    assert not page.exception


def test_list_shows_what_waits_and_narrows_it(known: Portfolio):
    add(
        new_draft(known, "a", subject=HOSTILE),
        new_draft(known, "b", stakeholder_id=known.tom, severity="critical"),
        new_draft(known, "c", customer_id=known.datapro, stakeholder_id=known.ines),
    )
    page = open_page("drafts", known.dana)
    assert not page.exception
    assert "2 drafts" in said(page)
    assert page.dataframe[0].value["Severity"].to_list() == ["Critical", "Normal"]
    # However long a name: what the mail is about stays beside it, also on a phone.
    assert list(page.dataframe[0].value.columns)[:3] == ["To", "Customer", "Subject"]
    assert json.loads(page.dataframe[0].proto.columns)["Customer"]["width"] == NAME_WIDTH
    page.selectbox(key="drafts.severity").set_value("critical").run()
    assert "1 draft." in said(page)
    page.text_input(key="drafts.search").set_value("nobody").run()
    assert "No draft fits" in said(page)
    manager = open_page("drafts", known.morgan)
    assert "3 drafts" in said(manager)


def test_draft_is_read_noted_and_approved(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    assert not page.exception
    assert "Maria Lopez" in said(page)
    with transaction(read_only=True) as session:
        moves = session.scalars(select(DraftEvent.move)).all()
    assert sorted(moves) == ["create", "read"]
    press(page, "approve")
    assert not page.exception
    assert "is approved and leaves at" in said(page)
    assert one(number).state == "approved"
    press(page, "undo")
    assert "taken back" in said(page)
    assert one(number).state == "pending"


def test_approving_into_quiet_hours_says_what_it_waits_for(known: Portfolio):
    with transaction() as session:
        start, end = time(0), time(23, 59, 59)
        closed = SendPolicy(quiet_from=start, quiet_until=end, weekends=True)
        policies.save(session, closed, by=known.ada, now=datetime.now(UTC))
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    press(page, "approve")
    assert not page.exception
    assert "after the recipient's quiet hours. Until then you can take it back." in said(page)


def test_approve_and_next_goes_through_all_that_wait(known: Portfolio):
    first, second = add(
        new_draft(known, "a"), new_draft(known, "b", stakeholder_id=known.tom, subject="Second")
    )
    page = draft_page(first, who=known.dana.person_id)
    press(page, "approve_next")
    assert page.title[0].value == "Second"
    page.button(key="drafts.take_back").click().run()
    assert one(first).state == "pending"
    press(page, "approve_next")
    press(page, "approve_next")
    assert "last one that waits" in said(page)
    assert one(first).state == one(second).state == "approved"
    with transaction(read_only=True) as session:
        states = session.scalars(select(OutboxMail.state).order_by(OutboxMail.id)).all()
    assert sorted(states) == ["cancelled", "queued", "queued"]


@pytest.mark.parametrize("move", ["next", "approve_next"])
def test_a_press_reads_and_draws_the_next_draft_alone(
    known: Portfolio, monkeypatch: pytest.MonkeyPatch, move: str
):
    first, second = add(new_draft(known, "a"), new_draft(known, "b", stakeholder_id=known.tom))
    page = draft_page(first, who=known.dana.person_id)
    drawn: list[str] = []
    read: list[int] = []
    preview, view = rendering.safe_preview, drafts.view

    @wraps(view)
    def noted(session: Any, by: Any, draft_id: int, now: Any) -> Any:
        read.append(draft_id)
        return view(session, by, draft_id, now)

    monkeypatch.setattr(rendering, "safe_preview", lambda html: drawn.append(html) or preview(html))
    monkeypatch.setattr(drafts, "view", noted)
    press(page, move)
    assert not page.exception
    assert (len(drawn), read) == (1, [second])
    assert page.query_params["id"] == public_id("draft", second)
    moved = "approved" if move == "approve_next" else "pending"
    assert (one(first).state, one(second).state) == (moved, "pending")


def test_a_refused_press_stays_with_its_draft_and_approves_no_other(known: Portfolio):
    first, second = add(new_draft(known, "a"), new_draft(known, "b", stakeholder_id=known.tom))
    page = draft_page(first, who=known.dana.person_id)
    with transaction() as session:
        drafts.edit(
            session, first, 1, subject="Theirs", text="Theirs",
            by=known.morgan, now=datetime.now(UTC),
        )  # fmt: skip
    press(page, "approve_next")
    assert not page.exception
    assert "has been changed since you opened it" in said(page)
    assert page.title[0].value == "Theirs"
    assert (one(first).state, one(second).state) == ("pending", "pending")
    page.text_area[0].set_value("Mine")
    press(page, "approve_next")
    assert "Your change is saved. Look at it once more and approve." in said(page)
    assert (one(first).state, one(first).text) == ("pending", "Mine")
    press(page, "approve_next")
    assert (one(first).state, one(second).state) == ("approved", "pending")


def test_words_are_kept_as_they_are_typed(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    page.text_input[0].set_value("New subject").run()
    page.text_area[0].set_value("New text").run()
    assert not page.exception
    kept = one(number)
    assert (kept.subject, kept.text, kept.revision) == ("New subject", "New text", 3)
    again = draft_page(number, who=known.dana.person_id)
    assert again.text_area[0].value == "New text"
    press(page, "approve")
    assert one(number).state == "approved"


def test_words_typed_over_anothers_change_are_offered_beside_it(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    with transaction() as session:
        drafts.edit(
            session, number, 1, subject="Theirs", text="Theirs",
            by=known.morgan, now=datetime.now(UTC),
        )  # fmt: skip
    page.text_area[0].set_value("Mine").run()
    assert not page.exception
    assert one(number).text == "Theirs"
    assert "Words of yours are not in the draft" in said(page)
    assert page.text_area[0].value == "Theirs"
    page.button(key=f"drafts.{number}.put").click().run()
    assert one(number).text == "Mine"
    assert "Words of yours are not in the draft" not in said(page)


def test_words_typed_over_anothers_change_stay_in_sight_while_one_goes_on(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    with transaction() as session:
        drafts.edit(
            session, number, 1, subject="Theirs", text="Theirs",
            by=known.morgan, now=datetime.now(UTC),
        )  # fmt: skip
    page.text_area[0].set_value("Mine, long thought over")
    press(page, "approve")
    assert one(number).state == "pending"
    assert "Mine, long thought over" in [block.value for block in page.code]
    page.text_input[0].set_value("A subject on top of theirs").run()
    assert one(number).subject == "A subject on top of theirs"
    assert "Mine, long thought over" in [block.value for block in page.code]
    with transaction() as session:
        drafts.approve(
            session, number, one(number).revision, by=known.morgan, now=datetime.now(UTC)
        )
    page.run()
    assert not page.exception
    assert "Mine, long thought over" in [block.value for block in page.code]
    page.button(key=f"drafts.{number}.drop").click().run()
    assert "Words of yours are not in the draft" not in said(page)


def test_approving_with_a_change_of_ones_own_under_way_asks_for_one_more_look(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    page.text_input[0].set_value("New subject")
    page.text_area[0].set_value("New text")
    press(page, "approve")
    assert not page.exception
    assert "Your change is saved. Look at it once more and approve." in said(page)
    assert "has been changed since you opened it" not in said(page)
    kept = one(number)
    assert (kept.state, kept.subject, kept.text) == ("pending", "New subject", "New text")
    with transaction() as session:
        drafts.edit(
            session, number, kept.revision, subject="Theirs", text="Theirs",
            by=known.morgan, now=datetime.now(UTC),
        )  # fmt: skip
    press(page, "approve")
    assert "has been changed since you opened it" in said(page)
    press(page, "approve")
    assert one(number).state == "approved"


def test_approving_what_another_has_changed_is_refused_with_words(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    with transaction() as session:
        drafts.edit(
            session, number, 1, subject="Theirs", text="Theirs",
            by=known.morgan, now=datetime.now(UTC),
        )  # fmt: skip
    press(page, "approve")
    assert "has been changed since you opened it" in said(page)
    assert one(number).state == "pending"
    assert page.title[0].value == "Theirs"


def test_address_that_has_changed_is_shown_before_it_is_approved(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    with transaction() as session:
        address = session.get_one(StakeholderEmail, "maria@techcorp.example")
        address.shown_as = "other@techcorp.example"
    press(page, "approve")
    assert "address of recipient or sender may have changed" in said(page)
    assert one(number).state == "pending"
    assert any("other@techcorp.example" in text.value for text in page.text)
    press(page, "approve")
    assert one(number).state == "approved"


def test_draft_that_a_press_led_away_from_was_not_looked_at(known: Portfolio):
    """Taking the last approval back leads from a draft, which a colleague has changed meanwhile, before it is drawn."""
    second = {"stakeholder_id": known.tom, "subject": "Second"}
    first, second = add(new_draft(known, "a"), new_draft(known, "b", **second))
    page = press(draft_page(first, who=known.dana.person_id), "approve_next")
    assert page.title[0].value == "Second"
    with transaction() as session:
        told = {"subject": "Other", "text": "Hi, words that nobody has read."}
        drafts.edit(session, second, 1, **told, by=known.morgan, now=datetime.now(UTC))
    page = page.button(key="drafts.take_back").click().run()
    assert page.title[0].value == one(first).subject
    with transaction() as session:
        waiting = drafts.Filters(states=("pending",), mine=True)
        assert [n for n, _ in drafts.looked_at(session, known.dana, waiting)] == [first]


def test_hard_block_disables_approval_and_says_why(known: Portfolio):
    (number,) = add(new_draft(known, text=f"{WORDS} {{{{first_name}}}}"))
    page = draft_page(number, who=known.dana.person_id)
    assert "still have to be filled in" in said(page)
    assert offered(page, "approve").disabled


def test_rejecting_takes_a_reason(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    page.selectbox(key=f"drafts.reject.why.{number}").set_value("Not now")
    next(b for b in page.button if b.label == "Reject, next").click().run()
    assert not page.exception
    kept = one(number)
    assert (kept.state, kept.why) == ("rejected", "Not now")


def test_hostile_words_stay_words(known: Portfolio):
    fact = {"claim": HOSTILE, "fact": HOSTILE, "screen": "customer", "query": {"id": "cus_1"}}
    (number,) = add(new_draft(known, subject=HOSTILE, text=HOSTILE, evidence=(fact,)))
    page = draft_page(number, who=known.dana.person_id)
    assert not page.exception
    assert "](http" not in "".join(str(m.value) for m in page.markdown)
    assert not any("<script" in str(h.proto.body) for h in page.get("html"))


def test_foreign_draft_is_not_shown(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.erik.person_id)
    assert "no such draft in your portfolio" in said(page)
    assert not page.text_area


def test_looked_at_drafts_are_approved_together(known: Portfolio):
    first, second = add(new_draft(known, "a"), new_draft(known, "b", stakeholder_id=known.tom))
    draft_page(first, who=known.dana.person_id)
    page = open_page("drafts", known.dana)
    page.button(key="drafts.many").click().run()
    assert not page.exception
    assert "1 draft approved" in said(page)
    assert (one(first).state, one(second).state) == ("approved", "pending")


def test_old_address_of_a_draft_leads_to_it(known: Portfolio):
    (number,) = add(new_draft(known))
    page = open_page("drafts", known.dana, id=public_id("draft", number))
    assert page.title[0].value == "After the webinar"


def test_mail_is_begun_on_the_customers_page_and_seen_there(known: Portfolio):
    customer = public_id("customer", known.techcorp)
    page = open_page("customer", known.dana, id=customer)
    page.segmented_control(key="customer.view").set_value("Mail").run()
    assert "No mail to this customer yet" in said(page)
    page.button(key="customer.mail.write").click().run()
    assert not page.exception
    assert page.title[0].value == "\\[Your subject\\]"
    assert offered(page, "approve").disabled
    again = open_page("customer", known.dana, id=customer, **{"customer.view": "Mail"})
    assert "Personal" in again.dataframe[0].value["Kind"].to_list()


def test_manager_approves_a_second_look(known: Portfolio):
    with transaction() as session:
        policy = SendPolicy(four_eyes_severity="high")
        policies.save(session, policy, by=known.ada, now=datetime.now(UTC))
    (number,) = add(new_draft(known, severity="critical"))
    page = draft_page(number, who=known.dana.person_id)
    assert "two people must approve it" in said(page)
    press(page, "approve")
    assert "A second person has to approve it too" in said(page)
    assert offered(page, "approve") is None
    second = draft_page(number, who=known.morgan.person_id)
    press(second, "approve")
    assert one(number).state == "approved"


def test_press_on_a_button_that_is_gone_is_told(known: Portfolio):
    (number,) = add(new_draft(known))
    tab, other = (draft_page(number, who=known.dana.person_id) for _ in range(2))
    press(tab, "approve")
    assert "moved on" not in said(tab)
    press(other, "approve")
    assert "moved on since you opened it" in said(other)
    other.run()
    assert "moved on" not in said(other)


def test_schedule_is_on_the_recipients_clock(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    assert "America/Chicago" in said(page)
    zone = ZoneInfo("America/Chicago")
    offered = page.date_input[0].value
    assert isinstance(offered, date)
    assert datetime.combine(offered, time(9), zone) > datetime.now(UTC)
    day = datetime.now(UTC).date() + timedelta(days=3)
    page.date_input[0].set_value(day)
    next(b for b in page.button if b.label == "Set").click().run()
    assert not page.exception
    kept = one(number).not_before
    assert kept is not None
    local = kept.astimezone(zone)
    assert (local.date(), local.hour, local.minute) == (day, 9, 0)
    assert below_the_words(page) == ["Scheduled."]


def test_draft_given_to_a_colleague_is_theirs(known: Portfolio):
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    page.selectbox(key=f"drafts.{number}.owner").set_value(known.erik.person_id).run()
    press(page, "reassign")
    assert one(number).owner_id == known.erik.person_id
    assert below_the_words(page) == ["Given."]
    page.run()
    assert below_the_words(page) == []


def test_refusal_of_a_time_is_said_beside_the_button(known: Portfolio):
    (number,) = add(new_draft(known, expires_at=datetime.now(UTC) + timedelta(days=2)))
    page = draft_page(number, who=known.dana.person_id)
    page.date_input[0].set_value(datetime.now(UTC).date() + timedelta(days=4))
    next(b for b in page.button if b.label == "Set").click().run()
    assert one(number).not_before is None
    (told,) = below_the_words(page)
    assert "it would be too late" in told
    with transaction() as session:
        drafts.edit(
            session, number, 1, subject="Theirs", text="Theirs",
            by=known.morgan, now=datetime.now(UTC),
        )  # fmt: skip
    next(b for b in page.button if b.label == "Set").click().run()
    assert one(number).not_before is None
    (told,) = below_the_words(page)
    assert "moved on since you opened it" in told


def below_the_words(page: AppTest) -> list[str]:
    """Messages that are drawn after the draft's text, where the buttons for time and owner are."""
    drawn: list[Any] = [element for element in page.main if hasattr(element, "type")]
    text = max(place for place, element in enumerate(drawn) if element.type == "text_area")
    kinds = ("success", "error", "info")
    return [e.value.replace("\\", "") for e in drawn[text:] if e.type in kinds]


def test_customer_whose_name_runs_from_right_to_left_does_not_turn_its_arr(known: Portfolio):
    with transaction() as session:
        session.get_one(Customer, known.techcorp).name = "شركة النور"
        session.get_one(Customer, known.techcorp).arr = Decimal(88_000)
    (number,) = add(new_draft(known))
    page = draft_page(number, who=known.dana.person_id)
    (link,) = [str(one.proto.label) for one in page.get("page_link") if "ARR" in one.proto.label]
    assert link.replace("\\", "") == "\u2068شركة النور\u2069 ($88K ARR)"
