"""Customers as Gainsight exports companies, stakeholders as Salesforce reports contacts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from services.demo.platforms.plain import save, text_of
from services.demo.story import Account, Member, Story, mail_of_colleague

ACCOUNTS = [
    "GSID",
    "Name",
    "Parent",
    "CSM",
    "CSM Email",
    "Website",
    "Other Domains",
    "Aliases",
    "Segment",
    "Industry",
    "Region",
    "Country",
    "City",
    "Time Zone",
    "Currency",
    "ARR",
    "Stage",
    "Original Contract Date",
    "Renewal Date",
    "Current Score",
    "Interests",
    "Goals",
    "Challenges",
]
CONTACTS = [
    "Contact ID",
    "Account Name",
    "First Name",
    "Last Name",
    "Title",
    "Email",
    "Role",
    "Champion",
    "Time Zone",
    "Email Opt Out",
]


def write_customers(folder: Path, story: Story) -> Path:
    rows = [ACCOUNTS, *(_account(story, account) for account in story.accounts)]
    return save(folder / "customers.csv", text_of(rows))


def write_stakeholders(folder: Path, story: Story) -> Path:
    known = [member for member in story.members if member.in_crm]
    return save(folder / "stakeholders.csv", text_of([CONTACTS, *map(_contact, known)]))


def _account(story: Story, account: Account) -> list[object]:
    return [
        f"1P02DEMO{account.number:022d}",
        account.name,
        account.parent,
        account.csm,
        mail_of_colleague(account.csm),
        f"https://www.{account.domain}",
        account.other_domain,
        account.aliases,
        account.segment,
        account.industry,
        account.region,
        account.country,
        account.city,
        account.time_zone,
        "USD",
        account.arr,
        account.stage,
        story.day - timedelta(days=account.started_days_ago),
        story.day + timedelta(days=account.renews_in_days),
        account.health,
        account.interests,
        account.goals,
        account.challenges,
    ]


def _contact(member: Member) -> list[object]:
    account = member.account
    return [
        f"003Dm00000{account.number:03d}{member.person:02d}AAA",
        account.name,
        member.first,
        member.last,
        member.title,
        member.email,
        member.role,
        "true" if member.role == "champion" else "false",
        account.time_zone,
        "false",
    ]
