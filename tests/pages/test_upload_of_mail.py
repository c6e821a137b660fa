"""The Upload page with an export of a campaign: named, imported, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Campaign, Upload
from services.access import SYSTEM
from services.clock import utc_now
from services.uploads import intake, job
from tests.support.apptest import open_page, person

SAMPLE = Path(__file__).resolve().parents[1] / "samples/mailchimp_campaign_recipients.csv"


def test_export_is_named_imported_and_taken_back(app_database: Engine):
    with transaction() as session:
        received = intake.receive(session, SAMPLE, "fall_release.csv", by=SYSTEM, now=utc_now())
    job.start(received.upload_id, "preview", by=SYSTEM)
    page = open_page("upload", person("Ada", "admin"), id=f"upl_{received.upload_id}")
    assert not page.exception
    assert "19 records" in " ".join(c.value for c in page.caption)
    assert any("totals without times" in i.value for i in page.info)
    next(t for t in page.text_input if t.label == "Campaign").set_value("Fall newsletter")
    next(b for b in page.button if b.label == "Apply").click().run()
    next(b for b in page.button if b.label.startswith("Import")).click().run()
    assert not page.exception
    with transaction(read_only=True) as session:
        assert session.scalars(select(Campaign.name)).one() == "Fall newsletter"
    next(b for b in page.button if b.label == "Undo this import").click().run()
    assert not page.exception
    with transaction(read_only=True) as session:
        assert session.scalars(select(Campaign.name)).first() is None


def test_a_person_says_in_the_page_that_a_table_is_mail(app_database: Engine, tmp_path: Path):
    path = tmp_path / "export.csv"
    path.write_text("who,what,pressed,on\na@b.example,Spring,https://ours.example/a,2026-10-02\n")
    with transaction() as session:
        received = intake.receive(session, path, path.name, by=SYSTEM, now=utc_now())
    job.start(received.upload_id, "preview", by=SYSTEM)
    page = open_page("upload", person("Ada", "admin"), id=f"upl_{received.upload_id}")
    for told, words in (("mail", "links that were followed"), ("tickets", "number of the ticket")):
        (asked,) = [one for one in page.selectbox if one.label == "This file tells of"]
        asked.set_value(told).run()
        assert not page.exception
        assert words in " ".join(one.value for one in page.caption)


@pytest.mark.parametrize("state", ["reading", "previewed"])
def test_a_table_whose_reading_was_stopped_is_read_again_or_discarded(
    app_database: Engine, tmp_path: Path, state: str
):
    """Also where the stop left it with a preview that is none."""
    path = tmp_path / "export.csv"
    path.write_text("who,what,pressed,on\na@b.example,Spring,https://ours.example/a,2026-10-02\n")
    with transaction() as session:
        number = intake.receive(session, path, path.name, by=SYSTEM, now=utc_now()).upload_id
    job.start(number, "preview", by=SYSTEM)
    with transaction() as session:
        intake.take_for(session, number, "mail", by=SYSTEM)
        upload = session.get_one(Upload, number)
        assert upload.state == "reading"
        upload.state = state
    page = open_page("upload", person("Ada", "admin"), id=f"upl_{number}")
    assert not page.exception
    assert {"Read it now", "Discard"} <= {button.label for button in page.button}
    next(b for b in page.button if b.label == "Read it now").click().run()
    assert not page.exception
    assert "links that were followed" in " ".join(one.value for one in page.caption)
