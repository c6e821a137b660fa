"""Engagement by program and by hook: recorded once, from those who may."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api import hooks as edge
from api.main import api
from data.db import transaction
from data.settings import settings
from data.tables import Campaign, CampaignEvent, HookDelivery
from services import hooks
from services.access import SYSTEM
from tests.api.test_attendance import token
from tests.services.campaigns.mail_world import customer

ADDRESS = "/api/campaigns/engagement"


@pytest.fixture
def client(app_database: Engine) -> Generator[TestClient]:
    with TestClient(Starlette(routes=[Mount("/api", app=api), *edge.ROUTES])) as made:
        made.headers["Authorization"] = f"Bearer {token('Morgan', 'manager')}"
        yield made


def said(event: str, **more: Any) -> dict[str, Any]:
    told = {
        "campaignId": "2026-11",
        "campaignName": "November newsletter",
        "at": "2026-11-18T09:00:00Z",
    }
    return told | {"email": "maria@dataflow.io", "event": event} | more


def count(table: type) -> int:
    with transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_single_and_batch_are_recorded_once(client: TestClient):
    first = client.post(ADDRESS, json=said("opened")).json()
    assert first == {"new": 1, "known": 0, "withoutAddress": 0, "campaignIds": ["cmp_1"]}
    batch = [
        said("opened"),
        said("clicked", url="https://ours.example/a"),
        said("sent", email="nobody"),
    ]
    second = client.post(ADDRESS, json={"events": batch}).json()
    assert (second["new"], second["known"], second["withoutAddress"]) == (1, 1, 1)
    with transaction(read_only=True) as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.kind, campaign.clicked_human) == ("newsletter", 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "eaten"},
        {"at": "yesterday"},
        {"campaignId": ""},
        {"email": None},
        {"at": "2126-11-20T09:00:00Z"},
        {"at": "1926-11-20T09:00:00"},
    ],
)
def test_wrong_event_is_refused_whole(client: TestClient, wrong: dict[str, Any]):
    assert (
        client.post(ADDRESS, json={"events": [said("opened"), said("opened") | wrong]}).status_code
        == 422
    )
    assert count(CampaignEvent) == 0


def test_the_type_that_is_told_stands_until_a_person_says_otherwise(client: TestClient):
    told = [said("opened", campaignType="product_update"), said("sent", campaignId="other")]
    assert client.post(ADDRESS, json={"events": told}).status_code == 200
    later = said("clicked", url="https://ours.example/a", campaignName="November webinar")
    assert client.post(ADDRESS, json=later | {"campaignType": "marketing"}).status_code == 200

    def kinds() -> dict[str, str]:
        with transaction(read_only=True) as session:
            return {c.vendor_key: c.kind for c in session.scalars(select(Campaign))}

    assert kinds() == {"2026-11": "product_update", "other": "newsletter"}
    with transaction() as session:
        row = session.scalars(select(Campaign).where(Campaign.vendor_key == "2026-11")).one()
        row.kind = "announcement"
    assert client.post(ADDRESS, json=said("replied", campaignType="other")).status_code == 200
    assert kinds()["2026-11"] == "announcement"
    for wrong in (
        [said("sent", campaignType="Marketing")],
        [said("sent", campaignType="other"), said("opened", campaignType="marketing")],
    ):
        assert client.post(ADDRESS, json={"events": wrong}).status_code == 422


def test_a_campaign_of_a_told_type_is_named_by_what_comes_later(client: TestClient):
    first = said("sent", campaignType="marketing")
    del first["campaignName"]
    client.post(ADDRESS, json=first)
    client.post(ADDRESS, json=said("opened"))
    with transaction(read_only=True) as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.name, campaign.kind) == ("November newsletter", "marketing")


def test_only_managers_and_admins_record(client: TestClient):
    refused = client.post(
        ADDRESS, json=said("opened"), headers={"Authorization": f"Bearer {token('Ana')}"}
    )
    assert refused.status_code == 403
    assert count(CampaignEvent) == 0


def test_hubspots_signature_covers_the_address_we_gave_it(client: TestClient):
    secret = "test-secret-not-real"
    with transaction() as session:
        shown = hooks.add(session, "hubspot", "Ours", secret, by=SYSTEM, now=datetime.now(UTC))
    path = shown.url.removeprefix(settings().base_url.rstrip("/"))
    body = b'[{"type": "OPEN", "recipient": "maria@dataflow.io", "created": 1789657182000}]'
    stamp = str(int(datetime.now(UTC).timestamp() * 1000))

    def post(url: str) -> int:
        message = b"POST" + url.encode() + body + stamp.encode()
        given = b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()
        headers = {"X-HubSpot-Signature-v3": given, "X-HubSpot-Request-Timestamp": stamp}
        return client.post(path, content=body, headers=headers).status_code

    assert post(shown.url.replace("://", "://evil.")) == 401
    assert post(path) == 401
    assert post(shown.url) == 200
    assert count(HookDelivery) == 1


def test_mailchimps_question_is_answered_at_its_address_alone(client: TestClient):
    with transaction() as session:
        shown = hooks.add(session, "mailchimp", "Ours", by=SYSTEM, now=datetime.now(UTC))
        other = hooks.add(session, "skilljar", "Academy", by=SYSTEM, now=datetime.now(UTC))
    path, academy = ("/hooks/" + one.url.split("/hooks/")[1] for one in (shown, other))
    assert client.get(path).status_code == 200
    forged = [path[:-1] + "0", path + "0", path[:-1], path.replace("mailchimp", "zoom"), academy,
              "/hooks/mailchimp/" + "a" * 43, "/hooks/mailchimp/", "/hooks/mailchimp/x"]  # fmt: skip
    for wrong in forged:
        if wrong != path:
            assert client.get(wrong).status_code == 404
            assert client.post(wrong, content=b"type=unsubscribe").status_code in (401, 404, 422)
    assert client.post(path, content=b"type=unsubscribe&data[email]=a@b.example").status_code == 200
    assert client.post(path, content=b"\xff").status_code == 422
    assert count(HookDelivery) == 1


def test_a_customer_a_campaign_and_whom_to_contact_are_told_with_counts(client: TestClient):
    with transaction() as session:
        number = customer(session, "DataFlow", "dataflow.io", "maria", "bo")
    for one in range(4):
        told = {"campaignId": f"c{one}", "campaignName": "Pricing news", "at": recent(one)}
        for who in ("maria@dataflow.io", "bo@dataflow.io"):
            client.post(ADDRESS, json=said("delivered", email=who, **told))
        later = told | {"at": recent(one, hour=10)}
        client.post(ADDRESS, json=said("clicked", url="https://ours.example/a", **later))
    seen = client.get(f"/api/campaigns/customer/cus_{number}").json()
    assert (seen["pattern"], seen["delivered"], len(seen["campaigns"])) == ("engaged", 8, 4)
    assert {row["email"]: row["pattern"] for row in seen["people"]}["bo@dataflow.io"] == "quiet"
    assert seen["kinds"][0]["answered"]["of"] == 8
    assert {len(row["bestHours"] or ()) for row in seen["people"]} <= {0, 2}
    whom = client.get("/api/campaigns/recommendations").json()
    assert (whom["outcome"]["talksWithout"]["of"], whom["outcome"]["lift"]) == (0, None)
    assert [row["email"] for row in whom["recommendations"]] == ["maria@dataflow.io"]
    assert (whom["followUpRate"]["count"], whom["followUpRate"]["of"]) == (0, 1)
    told_of_each(client, number)
    found = client.get("/api/campaigns/cmp_1/analysis").json()
    assert (found["humanClicks"]["count"], found["humanClicks"]["of"]) == (1, 2)
    assert [found[name] for name in ("mails", "delivered", "customers", "bouncedHard")] == [
        2,
        2,
        1,
        0,
    ]
    assert (found["forwarded"], found["complained"], found["unsubscribesInQuestion"]) == (0, 0, 0)
    (link,) = found["links"]
    assert (link["url"], link["clicks"], link["people"]) == ("https://ours.example/a", 1, 1)
    assert found["asOf"] > found["lastEventAt"] > found["sentAt"]
    assert found["segments"][0]["answers"]["of"] == 2


def told_of_each(client: TestClient, number: int) -> None:
    """Each person's engagement with each campaign, in the names of the requirement."""
    address = f"/api/campaigns/customer/cus_{number}"
    whole = client.get(address).json()
    pages = [client.get(address, params={"offset": n, "limit": 3}).json() for n in (0, 3, 6)]
    people = [
        (
            mail["campaignId"],
            one["email"],
            one["engagement"]["clicked"],
            one["engagement"]["opened"],
        )
        for page in pages
        for mail in page["engagements"]
        for one in mail["customerEngagements"]
    ]
    assert len(set(people)) == whole["engagementsTotal"] == 8
    assert people[:2] == [
        ("cmp_1", "maria@dataflow.io", True, True),
        ("cmp_1", "bo@dataflow.io", False, False),
    ]
    first = whole["engagements"][0]
    assert (first["campaignName"], first["campaignType"]) == ("Pricing news", "other")
    maria = first["customerEngagements"][0]
    assert maria["engagement"]["clickedLinks"] == ["https://ours.example/a"]
    assert maria["followUp"]["recommended"] is True
    assert maria["followUp"]["completed"] is False
    assert client.get(address, params={"limit": 501}).status_code == 422


def test_what_is_not_ones_own_is_not_found(client: TestClient):
    client.headers["Authorization"] = f"Bearer {token('Kim', 'csm')}"
    with transaction() as session:
        number = customer(session, "DataFlow", "dataflow.io", "maria")
    assert client.get(f"/api/campaigns/customer/cus_{number}").status_code == 404
    assert client.get("/api/campaigns/cmp_999/analysis").status_code == 404
    assert client.get("/api/campaigns/recommendations").json()["recommendations"] == []


def recent(back: int, hour: int = 9) -> str:
    """A moment some weeks ago."""
    day = datetime.now(UTC) - timedelta(weeks=back + 1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).isoformat()
