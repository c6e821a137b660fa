"""The Mailboxes page: everybody's own, the company's for admins, and plain words for what is wrong."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from data.db import transaction
from data.settings import settings
from data.tables import Mailbox, OutboxMail
from services.mailboxes import mailbox_for, seal, signature_for, unseal
from tests.support.apptest import open_page, person, words
from tests.support.fakes.gmail import GmailFake, running_gmail
from tests.support.fakes.smtp import PASSWORD, USER, running_smtp
from tests.support.queued import mailbox

pytestmark = pytest.mark.one_database

HOSTILE = "[click](https://evil.example) <script>alert(1)</script>"


@pytest.fixture
def ana(app_database: Engine) -> int:
    return person("Ana", email="ana@vendor.example")


@pytest.fixture
def olga(app_database: Engine) -> int:
    return person("Olga", "admin", email="olga@vendor.example")


@pytest.fixture
def google(app_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Generator[GmailFake]:
    with running_gmail() as fake:
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield fake


def made(kind: str, **values: object) -> int:
    with transaction() as session:
        return mailbox(session, kind, **values)


def box(number: int) -> Mailbox:
    with transaction(read_only=True) as session:
        return session.get_one(Mailbox, number)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def links(app: AppTest) -> str:
    return "".join(str(element.proto.body) for element in app.get("html"))


def test_without_google_it_says_how_mail_leaves_instead(ana: int):
    app = open_page("mailboxes", as_=ana)
    assert not app.exception
    assert "Your mails leave from the company's mailbox" in words(app).replace("\\", "")
    assert "/connect/google" not in links(app)


def test_person_finds_the_way_to_google(ana: int, google: GmailFake):
    app = open_page("mailboxes", as_=ana)
    assert "/connect/google?next=%2Fmailboxes" in links(app)
    assert "/connect/google?calendar=1&amp;next=%2Fmailboxes" in links(app)


@pytest.mark.parametrize(
    ("said", "shown"), [("connected", "Connected"), ("declined", "you said no"), (HOSTILE, None)]
)
def test_way_back_is_told_once_in_our_own_words(ana: int, said: str, shown: str | None):
    app = open_page("mailboxes", as_=ana, google=said)
    assert not app.exception
    assert "evil" not in words(app)
    assert shown is None or shown in words(app)
    assert "google" not in app.query_params
    assert shown is None or shown not in words(app.run())


def test_test_mail_goes_to_oneself_through_the_queue(ana: int):
    own = made("gmail", person_id=ana)
    app = press(open_page("mailboxes", as_=ana), "Send me a test")

    assert not app.exception
    assert "On its way" in words(app)
    with transaction(read_only=True) as session:
        rows = session.scalars(select(OutboxMail)).all()
    assert [(r.mailbox_id, r.recipient, r.state) for r in rows] == [
        (own, "ana@vendor.example", "queued")
    ]


def test_check_says_what_is_wrong_and_what_is_well(ana: int, google: GmailFake):
    own = made("gmail", person_id=ana, secret=seal("refresh-ana"))
    app = press(open_page("mailboxes", as_=ana), "Check")
    assert "It works" in words(app)
    assert box(own).checked_at is not None

    google.revoked.add("refresh-ana")
    app = press(app, "Check")
    assert "Connect this mailbox again" in words(app)


def test_pausing_and_resuming(ana: int):
    own = made("gmail", person_id=ana, secret=b"x")
    app = press(open_page("mailboxes", as_=ana), "Pause")
    assert box(own).state == "paused"
    assert "Paused by Ana" in words(app)

    press(app, "Resume")
    assert box(own).state == "ready"


def test_disconnecting_forgets_the_access(ana: int, google: GmailFake):
    own = made("gmail", person_id=ana, secret=seal("refresh-ana"))
    app = press(open_page("mailboxes", as_=ana), "Disconnect for good")
    assert not app.exception
    assert (box(own).state, box(own).secret) == ("removed", None)
    assert google.revoked == {"refresh-ana"}


def test_pace_beyond_the_provider_is_refused_in_words(ana: int):
    own = made("gmail", person_id=ana)
    app = open_page("mailboxes", as_=ana)
    app.number_input(key=f"mailboxes.per_minute.{own}").set_value(500)
    app = press(app, "Save pace")
    assert "between 1 and 50" in words(app)
    assert box(own).per_minute == 30


def test_signature_is_kept(ana: int):
    app = open_page("mailboxes", as_=ana)
    app.text_area(key="mailboxes.signature").set_value("Ana Lopez\n+43 1 234")
    app = press(app, "Save signature")
    assert not app.exception
    with transaction(read_only=True) as session:
        assert signature_for(session, ana) == "Ana Lopez\n+43 1 234"


def test_csm_sees_the_companys_mailbox_but_cannot_touch_it(ana: int):
    made("smtp", options={"host": "smtp.inside.example", "port": 587})
    app = open_page("mailboxes", as_=ana)
    assert "Mail server" in words(app)
    assert "inside" not in words(app)
    assert not {"Pause", "Check", "Remove for good", "Add server", "Save folder"} & set(labels(app))


def test_csm_sees_nothing_of_a_colleagues_mailbox(ana: int):
    made(
        "gmail",
        person_id=person("Bob"),
        display_name="Bob's own",
        why="Bob's reason",
        state="paused",
    )
    app = open_page("mailboxes", as_=ana)
    assert "Bob" not in words(app)
    assert list(app.dataframe) == []


def test_admin_adds_a_server_checks_it_and_mends_the_password(olga: int, tmp_path: Path):
    with running_smtp(tmp_path, sign_in=True) as server:
        app = open_page("mailboxes", as_=olga)
        typed = {"address": "success@vendor.example", "host": "localhost", "user": USER}
        for field, value in typed.items():
            app.text_input(key=f"mailboxes.server.new.{field}").set_value(value)
        app.selectbox(key="mailboxes.server.new.encryption").set_value("none")
        app.number_input(key="mailboxes.server.new.port").set_value(server.port)
        app.text_input(key="mailboxes.server.new.password").set_value("wrong")
        app = press(app, "Add server")
        assert not app.exception
        with transaction() as session:
            number = mailbox_for(session, None).id
        assert box(number).kind == "smtp"

        app = press(app, "Check")
        assert "does not accept the user name or password" in words(app)
        app.text_input(key=f"mailboxes.server.{number}.password").set_value(PASSWORD)
        app = press(press(app, "Save server"), "Check")

        assert "It works" in words(app)
        assert unseal(box(number).secret or b"") == PASSWORD
        assert PASSWORD not in words(app)


def test_mistake_in_the_server_is_told_and_nothing_is_kept(olga: int):
    app = open_page("mailboxes", as_=olga)
    app.text_input(key="mailboxes.server.new.address").set_value("success@vendor.example")
    app.text_input(key="mailboxes.server.new.host").set_value("not a host")
    app = press(app, "Add server")
    assert "Type the name of the mail server" in words(app)
    with transaction(read_only=True) as session:
        assert session.scalars(select(Mailbox)).all() == []


def test_admin_opens_a_colleagues_mailbox(olga: int):
    bobs = made("gmail", person_id=person("Bob"), secret=b"x")
    app = open_page("mailboxes", as_=olga)
    assert app.dataframe[0].value["Colleague"].to_list() == ["Bob"]

    app = app.selectbox(key="mailboxes.colleague").set_value(f"mbx_{bobs}").run()
    press(app, "Pause")
    assert box(bobs).state == "paused"


def test_words_from_outside_stay_words(ana: int):
    made("gmail", person_id=ana, state="revoked", why=HOSTILE)
    app = open_page("mailboxes", as_=ana)
    assert not app.exception
    assert "\\[click\\]" in words(app)
    assert "](https://evil" not in words(app)


def page_links(app: AppTest) -> list[tuple[str, str]]:
    """Label and target of the links of the page itself, without the menu's."""
    return [(link.proto.label, link.proto.page) for link in app.main.get("page_link")]


def test_settings_lead_to_where_gmail_is_connected(ana: int, google: GmailFake):
    app = open_page("settings", as_=ana)
    assert not app.exception
    assert "reaches nobody: no mailbox is connected" in words(app)
    assert ("Connect your Gmail", "mailboxes") in page_links(app)

    made("gmail", person_id=ana, state="revoked", why=f"Connect it again. {HOSTILE}")
    app = open_page("settings", as_=ana)
    assert "ana@vendor.example" in words(app)
    assert "Refused by the provider" in words(app)
    assert "\\[click\\]" in words(app)
    assert ("Mailboxes", "mailboxes") in page_links(app)


def test_settings_say_that_mail_leaves_from_the_companys(ana: int):
    made("smtp")
    made("gmail", person_id=person("Bob"))
    app = open_page("settings", as_=ana)
    assert "It leaves from the company's mailbox" in words(app).replace("\\", "")
    assert ("Mailboxes", "mailboxes") in page_links(app)
