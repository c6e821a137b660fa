"""Exports of campaigns: previewed, imported once, taken back, and joined with what hooks told."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import AlreadyExists, BadInput
from data.tables import Campaign, CampaignEvent, CampaignMail, CampaignRecipient, Upload, ledger
from integrations.formats.mail_exports import is_mail_export
from integrations.hooks import sendgrid
from services.access import SYSTEM
from services.campaigns import Source, take_in
from services.campaigns.settling import settle
from services.suppression import blocked, suppress
from services.uploads import intake, listing, mail
from services.uploads.records import Choices
from tests.services.campaigns.mail_world import PERSON, SENDGRID, customer, event, frame
from tests.services.campaigns.mail_world import mail as delivered

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LOG = """campaign_id,campaign_uuid,campaign_name,subscriber_id,subscriber_uuid,email,subscriber_name,url,created_at
1,c-1,October digest,5,u-5,maria@bluefin-analytics.example,Maria,https://ours.example/a,2026-10-02T09:00:00Z
1,c-1,October digest,5,u-5,maria@bluefin-analytics.example,Maria,https://ours.example/a,2026-10-02T09:00:00Z
1,c-1,October digest,6,u-6,,Nobody,https://ours.example/a,2026-10-02T09:00:00Z
1,c-1,October digest,7,u-7,tom@bluefin-analytics.example,Tom,https://ours.example/b,soon
"""


def upload(
    engine: Engine, path: Path, name: str = "file.csv", choices: Choices | None = None
) -> int:
    with transaction(engine) as session:
        received = intake.receive(session, path, name, by=SYSTEM, now=NOW)
        assert received.repeat_of is None
    mail.preview(received.upload_id, now=NOW, engine=engine, choices=choices)
    return received.upload_id


def commit(engine: Engine, number: int) -> None:
    mail.commit(number, by=SYSTEM, now=NOW, engine=engine)


def summary(engine: Engine, number: int) -> dict[str, object]:
    with transaction(engine, read_only=True) as session:
        found = session.get_one(Upload, number)
        assert found.error is None
        return found.summary


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def bluefin(engine: Engine) -> int:
    with transaction(engine) as session:
        return customer(session, "Bluefin Analytics", "bluefin-analytics.example")


def test_totals_of_mailchimp_become_a_campaign_and_go_again(engine: Engine, bluefin: int):
    number = upload(engine, SAMPLES / "mailchimp_campaign_recipients.csv", "fall_release.csv")
    found = summary(engine, number)
    assert (found["records"], found["matched"], found["totals"]) == (19, 2, True)
    with transaction(engine) as session:
        assert count(session, CampaignEvent) == 0
    commit(engine, number)
    with transaction(engine) as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.name, campaign.vendor, campaign.mails) == ("fall release", "mailchimp", 19)
        assert (campaign.opened, campaign.clicked, campaign.opened_human) == (11, 8, 0)
        assert (campaign.bounced_hard, campaign.bounced_soft, campaign.delivered) == (1, 1, 17)
        assert (campaign.customers, campaign.matched) == (1, 2)
    with transaction(engine) as session:
        path = SAMPLES / "mailchimp_campaign_recipients.csv"
        again = intake.receive(session, path, "again.csv", by=SYSTEM, now=NOW)
        assert again.repeat_of == number
    mail.undo(number, by=SYSTEM, now=NOW, engine=engine)
    with transaction(engine) as session:
        assert [count(session, t) for t in (Campaign, CampaignMail, CampaignEvent)] == [0, 0, 0]
        assert session.get_one(Upload, number).state == "undone"


def test_campaign_of_totals_is_named_and_dated_in_the_preview(engine: Engine):
    said = Choices(only_event={"name": "Fall newsletter", "date": "2026-09-01"})
    number = upload(engine, SAMPLES / "mailchimp_campaign_recipients.csv", choices=said)
    commit(engine, number)
    with transaction(engine) as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.name, campaign.kind) == ("Fall newsletter", "newsletter")
        assert campaign.started_at == datetime(2026, 9, 1, tzinfo=UTC)


def test_every_row_of_a_log_has_its_verdict(engine: Engine, bluefin: int, tmp_path: Path):
    path = tmp_path / "clicks.csv"
    path.write_text(LOG)
    number = upload(engine, path)
    found = summary(engine, number)
    verdicts = [found[v] for v in ("matched", "duplicates", "rejected")]
    assert (found["records"], verdicts) == (4, [1, 1, 2])
    with transaction(engine, read_only=True) as session:
        rows = listing.rows(session, SYSTEM, number)
        assert rows["reason"].to_list()[2:] == [
            "This row has no mail address.",
            "This time cannot be read.",
        ]
        assert rows["customer"][0] == "Bluefin Analytics"
        mend = listing.download(session, SYSTEM, number, ("rejected",))
        assert mend["Line"].to_list() == [4, 5]
        assert "soon" in mend["Original"][1]
    commit(engine, number)
    with transaction(engine, read_only=True) as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.vendor_key, campaign.name, campaign.clicked) == (
            "c-1",
            "October digest",
            1,
        )


def test_company_of_a_row_tells_whose_a_private_address_is(
    engine: Engine, bluefin: int, tmp_path: Path
):
    """Also of an address that was heard of before without one."""
    with transaction(engine) as session:
        hooked = Source("sendgrid", "SendGrid", "webhook", 7)
        take_in(session, hooked, frame(delivered("maria.k@gmail.com")), now=NOW)
    path = tmp_path / "clicks.csv"
    path.write_text(
        "Email Address,Company,Opens,Clicks\n"
        "maria.k@gmail.com,Bluefin Analytics,1,0\njo.k@gmail.com,Bluefin Analytics,0,0\n"
    )
    number = upload(engine, path)
    assert summary(engine, number)["matched"] == 2
    commit(engine, number)
    with transaction(engine, read_only=True) as session:
        whose = session.scalars(select(CampaignRecipient.customer_id)).all()
        assert whose == [bluefin] * 2


def test_file_and_hook_that_tell_the_same_count_once(engine: Engine):
    path = SAMPLES / "sendgrid_events.json"
    number = upload(engine, path, "log.json")
    with transaction(engine) as session:
        source = Source("sendgrid", "SendGrid", "webhook", 3)
        assert take_in(session, source, sendgrid.read([path.read_bytes()]), now=NOW).new == 32
    commit(engine, number)
    changes = summary(engine, number)["changes"]
    assert changes == {"new": 0, "changed": 0, "same": 32, "new_people": 0}


def test_what_two_files_told_stays_when_one_is_taken_back(engine: Engine, tmp_path: Path):
    lines = LOG.splitlines()
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    paths[0].write_text("\n".join(lines[:2]))
    paths[1].write_text("\n".join([*lines[:2], lines[1].replace("09:00", "10:00")]))
    numbers = [upload(engine, path, path.name) for path in paths]
    for number in numbers:
        commit(engine, number)
    mail.undo(numbers[0], by=SYSTEM, now=NOW + timedelta(hours=1), engine=engine)
    with transaction(engine, read_only=True) as session:
        assert set(session.scalars(select(CampaignEvent.upload_id))) == {numbers[1]}
        assert session.scalars(select(CampaignMail.clicks)).one() == 2


def test_taking_back_leaves_what_a_hook_told_and_lifts_what_the_file_alone_said(
    engine: Engine, tmp_path: Path
):
    told, alone = "maria@bluefin-analytics.example", "tom@bluefin-analytics.example"
    person = {"ip": "203.0.113.9", "useragent": PERSON}
    events = [
        one
        for who in (told, alone)
        for one in (*delivered(who), event("group_unsubscribe", who, 6_000, **person))
    ]
    path = tmp_path / "sendgrid.json"
    path.write_text(json.dumps(events))
    number = upload(engine, path, path.name)
    commit(engine, number)
    later = [NOW + timedelta(hours=n) for n in range(1, 4)]
    with transaction(engine) as session:
        hooked = take_in(session, SENDGRID, frame(events[:3]), now=NOW)
        assert (hooked.new, hooked.known) == (0, 3)
        assert settle(session, now=later[1]) == 2
        suppress(session, alone, "events", "unsubscribed", now=later[1])
    mail.undo(number, by=SYSTEM, now=later[2], engine=engine)
    with transaction(engine) as session:
        assert (count(session, CampaignEvent), count(session, CampaignMail)) == (3, 1)
        assert blocked(session, told, "campaigns")
        assert not blocked(session, alone, "campaigns")
        assert blocked(session, alone, "events")
        take_in(session, SENDGRID, frame(events), now=later[2])
        assert settle(session, now=later[2] + timedelta(hours=2)) == 1
        assert blocked(session, alone, "campaigns")


def test_same_bytes_are_imported_once(engine: Engine):
    numbers = [upload(engine, SAMPLES / "mailchimp_campaign_recipients.csv") for _ in range(2)]
    commit(engine, numbers[0])
    with pytest.raises(AlreadyExists):
        commit(engine, numbers[1])


HUBSPOT = """Recipient,Email name,Sent,Delivered,Opened,Clicked,Bounced,Unsubscribed
maria@bluefin-analytics.example,New pricing,2026-09-10 09:00,2026-09-10 09:00,2,1,,
tom@bluefin-analytics.example,New pricing,2026-09-10 09:00,2026-09-10 09:00,0,0,,2026-09-11 10:00
"""


def as_workbook(text: str, path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(text)):
        sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("text", "vendor", "expected"),
    [
        ((SAMPLES / "mailchimp_campaign_recipients.csv").read_text(), "mailchimp", (19, 11, 8, 0)),
        (HUBSPOT, "hubspot", (2, 1, 1, 1)),
    ],
    ids=["mailchimp", "hubspot"],
)
def test_a_workbook_is_told_by_its_headings_as_text_is(
    engine: Engine, tmp_path: Path, text: str, vendor: str, expected: tuple[int, ...]
):
    number = upload(engine, as_workbook(text, tmp_path / "export.xlsx"), "export.xlsx")
    assert summary(engine, number)["kind"] == "mail"
    commit(engine, number)
    with transaction(engine, read_only=True) as session:
        one = session.scalars(select(Campaign)).one()
        assert one.vendor == vendor
        assert (one.mails, one.opened, one.clicked, one.unsubscribed) == expected


@pytest.mark.parametrize(
    ("header", "row", "kinds"),
    [
        ("email,campaign,url,created_at", "{who},Spring,https://ours.example/a,2026-10-02T09:00:00Z", [5]),
        ("Recipient,Campaign,Event,Timestamp,Url", "{who},Spring,opened,2026-10-02T09:00:00Z,", [4]),
    ],
)  # fmt: skip
def test_a_table_of_addresses_campaigns_links_and_times_is_mail_whoever_wrote_it(
    engine: Engine, tmp_path: Path, header: str, row: str, kinds: list[int]
):
    path = tmp_path / "export.csv"
    who = "maria@bluefin-analytics.example"
    path.write_text(
        f"{header}\n{row.format(who=who)}\n{row.format(who=who).replace('Spring', 'May')}\n"
    )
    number = upload(engine, path, "export.csv")
    assert summary(engine, number)["needs_mapping"] is False
    commit(engine, number)
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(CampaignEvent.kind)).all() == kinds * 2
        assert set(session.scalars(select(Campaign.name))) == {"Spring", "May"}


@pytest.mark.parametrize("heading", ["Status", "activity type", "Outcome"])
def test_what_happened_is_asked_of_whatever_column_says_it(
    engine: Engine, tmp_path: Path, heading: str
):
    path = tmp_path / "export.csv"
    rows = [f"{n}@bluefin-analytics.example,News,https://ours.example/a,2026-10-02T09:0{n}:00Z,{word}"
            for n, word in enumerate(("Clicked", "Spam", "Zapped"))]  # fmt: skip
    path.write_text("\n".join((f"email,campaign,url,created_at,{heading}", *rows)))
    number = upload(engine, path, "export.csv")
    assert summary(engine, number)["rejected"] == 1
    commit(engine, number)
    with transaction(engine, read_only=True) as session:
        kinds = session.scalars(select(CampaignEvent.kind))
        assert sorted(kinds) == sorted([ledger.CLICK, ledger.COMPLAINT])


def test_a_table_of_which_only_the_addresses_are_understood_is_asked_about(
    engine: Engine, tmp_path: Path
):
    path = tmp_path / "export.csv"
    path.write_text(
        "Email,Mailing,What,On\nmaria@bluefin-analytics.example,News,Clicked,2026-10-02\n"
    )
    with transaction(engine) as session:
        number = intake.receive(session, path, "export.csv", by=SYSTEM, now=NOW).upload_id
        intake.take_for(session, number, "mail", by=SYSTEM)
    mail.preview(number, now=NOW, engine=engine)
    assert summary(engine, number)["needs_mapping"]


def test_a_person_says_that_a_table_is_mail(engine: Engine, tmp_path: Path):
    path = tmp_path / "export.csv"
    path.write_text("who,what,pressed,on\nmaria@bluefin-analytics.example,Spring,https://ours.example/a,"
                    "2026-10-02T09:00:00Z\n")  # fmt: skip
    with transaction(engine) as session:
        number = intake.receive(session, path, "export.csv", by=SYSTEM, now=NOW).upload_id
    intake.preview(number, now=NOW, engine=engine)
    with transaction(engine) as session:
        with pytest.raises(BadInput):
            intake.take_for(session, number, "letters", by=SYSTEM)
        intake.take_for(session, number, "mail", by=SYSTEM)
    mail.preview(number, now=NOW, engine=engine)
    assert summary(engine, number)["needs_mapping"]
    mapping = {"email": "who", "campaign_name": "what", "url": "pressed", "at": "on"}
    mail.preview(number, now=NOW, engine=engine, choices=Choices(mapping=mapping))
    commit(engine, number)
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(CampaignEvent.kind)).all() == [5]


def test_other_workbooks_and_broken_ones_are_no_mail(tmp_path: Path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes((SAMPLES / "gotowebinar_attendee.xlsx").read_bytes()[:900])
    hollow = tmp_path / "hollow.xlsx"
    with zipfile.ZipFile(hollow, "w") as archive:
        archive.writestr("xl/sharedStrings.xml", "<si>" + "<t>" * 50_000)
    for path in (SAMPLES / "gotowebinar_attendee.xlsx", broken, hollow):
        assert not is_mail_export(path)
