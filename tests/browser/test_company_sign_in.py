"""Signing in with the company's account, against a provider that speaks OpenID Connect."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from data.db import make_engine, migrate, transaction
from data.tables import Person, SignIn
from services.clock import utc_now
from tests.support.browser import settle
from tests.support.fakes.identity_provider import (
    CLIENT,
    SECRET,
    IdentityProvider,
    identity_provider,
)
from tests.support.portfolio import portfolio
from tests.support.server import AppServer, running_app

pytestmark = pytest.mark.browser
DANA = {"email": "dana@ours.example", "email_verified": True}


@dataclass(frozen=True)
class Company:
    app: AppServer
    provider: IdentityProvider


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Generator[Company]:
    folder = tmp_path_factory.mktemp("company")
    engine = make_engine(f"sqlite:///{folder / 'cscx.db'}")
    migrate(engine)
    with transaction(engine) as session:
        portfolio(session, utc_now())
    engine.dispose()
    with identity_provider() as provider:
        settings = {
            "CSCX_OIDC_METADATA_URL": f"{provider.url}/.well-known/openid-configuration",
            "CSCX_OIDC_CLIENT_ID": CLIENT,
            "CSCX_OIDC_CLIENT_SECRET": SECRET,
        }
        with running_app(folder, settings) as app:
            yield Company(app, provider)


def _by_company(page: Page, company: Company, address: str) -> None:
    page.goto(company.app.url + address)
    page.get_by_role("link", name="Sign in with your company account").click()


def test_deep_link_is_kept_over_the_way_to_the_provider(page: Page, company: Company):
    company.provider.person = DANA
    _by_company(page, company, "/customers?customers.search=Tech")
    settle(page)
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    assert page.url.endswith("/customers?customers.search=Tech")
    expect(page.get_by_text("Dana Example · CSM")).to_be_visible()
    kept = [cookie.get("name", "") for cookie in page.context.cookies()]
    assert "cscx_session" in kept
    assert not [name for name in kept if name.startswith("_streamlit_user")]


def test_role_is_read_on_every_click_and_the_session_can_be_ended(page: Page, company: Company):
    company.provider.person = DANA
    _by_company(page, company, "/risk")
    settle(page)
    engine = make_engine(f"sqlite:///{company.app.folder / 'cscx.db'}")
    with transaction(engine) as session:
        number = session.scalars(select(Person.id).where(Person.email == DANA["email"])).one()
        session.execute(update(Person).where(Person.id == number).values(role="manager"))
    page.get_by_role("link", name="Customers").click()
    settle(page)
    expect(page.get_by_text("Dana Example · Manager")).to_be_visible()
    with transaction(engine) as session:
        session.execute(update(SignIn).values(ended_at=utc_now()))
    engine.dispose()
    page.get_by_role("link", name="Drafts").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(f"{company.app.url}/drafts")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_entra_id_vouches_in_words_of_its_own(page: Page, company: Company):
    company.provider.person = {"email": "dana@ours.example", "xms_edov": True}
    _by_company(page, company, "/customers")
    settle(page)
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    expect(page.get_by_text("Dana Example ·")).to_be_visible()


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "stranger@elsewhere.example", "email_verified": True}, "is not on the list"),
        ({"email": "ada@ours.example", "email_verified": False}, "did not vouch"),
        ({"email": "ada@ours.example"}, "did not vouch"),
    ],
)
def test_who_is_not_listed_or_not_vouched_for_stays_out(
    page: Page, company: Company, claims: dict[str, object], words: str
):
    company.provider.person = claims
    _by_company(page, company, "/settings")
    expect(page.get_by_text(words)).to_be_visible()
    page.goto(f"{company.app.url}/settings")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_log_of_these_journeys_holds_no_address_and_no_secret(company: Company):
    said = company.app.output()
    assert "company_sign_in_refused" in said
    assert re.findall(r"\S+@\S+", said) == []
    assert SECRET not in said
    with transaction(make_engine(f"sqlite:///{company.app.folder / 'cscx.db'}")) as session:
        session_hashes = session.scalars(select(SignIn.token_hash)).all()
    assert [one for one in session_hashes if one in said] == []
