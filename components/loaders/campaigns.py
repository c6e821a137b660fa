"""The records of campaigns, for the screens."""

from __future__ import annotations

from services.campaigns.analysis import Analysis as MailAnalysis
from services.campaigns.analysis import Group as MailGroup
from services.campaigns.insight.customer import CustomerMail
from services.campaigns.insight.customer import Preference as MailPreference
from services.campaigns.outcomes import Outcomes as MailOutcomes
from services.campaigns.quarantine import Held as HeldUnsubscribe
from services.campaigns.recommending import Recommendation, Recommendations
from services.campaigns.report import (
    KIND_WORDS,
    CampaignPage,
    CampaignRow,
    PeopleFilters,
    PeoplePage,
)
from services.campaigns.report import Filters as CampaignFilters
from services.campaigns.rules import ACTIONS, Condition
from services.campaigns.rules import FiringRow as RuleFiring
from services.campaigns.rules import NewRule as NewCampaignRule
from services.campaigns.rules import RuleRow as CampaignRule
from services.figures import Share

__all__ = [
    "ACTIONS",
    "KIND_WORDS",
    "CampaignFilters",
    "CampaignPage",
    "CampaignRow",
    "CampaignRule",
    "Condition",
    "CustomerMail",
    "HeldUnsubscribe",
    "MailAnalysis",
    "MailGroup",
    "MailOutcomes",
    "MailPreference",
    "NewCampaignRule",
    "PeopleFilters",
    "PeoplePage",
    "Recommendation",
    "Recommendations",
    "RuleFiring",
    "Share",
]
