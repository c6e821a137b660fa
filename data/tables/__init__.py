"""Every table, one file per noun. Import from here, so that `metadata` is always complete."""

from __future__ import annotations

from data.tables.access import ApiToken, AuditEntry, Delegation, OneTimeLink, Person, SignIn
from data.tables.ask import AskTurn
from data.tables.base import Base, metadata
from data.tables.campaigns import (
    Campaign,
    CampaignLink,
    CampaignMail,
    CampaignRecipient,
    CampaignRule,
    RuleFiring,
)
from data.tables.customers import (
    Customer,
    CustomerDomain,
    CustomerIdentifier,
    CustomerName,
    Stakeholder,
    StakeholderEmail,
)
from data.tables.drafts import (
    Approval,
    Draft,
    DraftAttachment,
    DraftEvent,
    FrozenMail,
    TemplateInUse,
    TemplateVersion,
)
from data.tables.events import Attendance, AttendanceNote, Event, MatchAnswer, Participant
from data.tables.hooks import HookDelivery, Integration
from data.tables.invitations import (
    EventOffer,
    FitModel,
    Invitation,
    InvitationEvent,
    Recommendation,
    Registration,
    TopicDismissal,
)
from data.tables.ledger import CampaignEvent, CampaignOrigin, CampaignText, DomainHabit
from data.tables.outbox import Mailbox, OutboxEvent, OutboxMail, Suppression, Touch
from data.tables.responses import InboundMail, MailEvent, MailLink
from data.tables.scoring import CustomerScore, WeightSet
from data.tables.signals import (
    EventResource,
    EventSession,
    FollowUp,
    HealthChange,
    Opportunity,
    OpportunityEvent,
    RiskSignal,
    RiskSignalEvent,
)
from data.tables.ticket_follow_ups import Promise, Rating, TicketFollowUp
from data.tables.tickets import (
    Ticket,
    TicketCluster,
    TicketLevel,
    TicketMessage,
    TicketRequester,
    TicketState,
)
from data.tables.uploads import (
    AppSetting,
    DataVersion,
    KeptFrame,
    SavedMapping,
    Upload,
    UploadPart,
)
from data.tables.work import Job, Notification, Task, TimelineEntry

__all__ = [
    "ApiToken",
    "AppSetting",
    "Approval",
    "AskTurn",
    "Attendance",
    "AttendanceNote",
    "AuditEntry",
    "Base",
    "Campaign",
    "CampaignEvent",
    "CampaignLink",
    "CampaignMail",
    "CampaignOrigin",
    "CampaignRecipient",
    "CampaignRule",
    "CampaignText",
    "Customer",
    "CustomerDomain",
    "CustomerIdentifier",
    "CustomerName",
    "CustomerScore",
    "DataVersion",
    "Delegation",
    "DomainHabit",
    "Draft",
    "DraftAttachment",
    "DraftEvent",
    "Event",
    "EventOffer",
    "EventResource",
    "EventSession",
    "FitModel",
    "FollowUp",
    "FrozenMail",
    "HealthChange",
    "HookDelivery",
    "InboundMail",
    "Integration",
    "Invitation",
    "InvitationEvent",
    "Job",
    "KeptFrame",
    "MailEvent",
    "MailLink",
    "Mailbox",
    "MatchAnswer",
    "Notification",
    "OneTimeLink",
    "Opportunity",
    "OpportunityEvent",
    "OutboxEvent",
    "OutboxMail",
    "Participant",
    "Person",
    "Promise",
    "Rating",
    "Recommendation",
    "Registration",
    "RiskSignal",
    "RiskSignalEvent",
    "RuleFiring",
    "SavedMapping",
    "SignIn",
    "Stakeholder",
    "StakeholderEmail",
    "Suppression",
    "Task",
    "TemplateInUse",
    "TemplateVersion",
    "Ticket",
    "TicketCluster",
    "TicketFollowUp",
    "TicketLevel",
    "TicketMessage",
    "TicketRequester",
    "TicketState",
    "TimelineEntry",
    "TopicDismissal",
    "Touch",
    "Upload",
    "UploadPart",
    "WeightSet",
    "metadata",
]
