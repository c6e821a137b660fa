"""The only way from the screens to what services know: reads, and the records they hand over."""

from __future__ import annotations

from components.loaders.reads import (
    app_version,
    clear,
    demo_mode,
    demo_people,
    fresh,
    read,
    session_for,
    viewer_by_id,
)
from services.access import Viewer
from services.access.delegation import DelegationRow
from services.access.people import PersonRow
from services.access.tokens import TokenRow
from services.attendance.topics import Interest
from services.attendance.training import Training
from services.audit_log import Filters as AuditFilters
from services.audit_log import Page as AuditPage
from services.customers import CustomerHead, Merge, MergePreview
from services.customers import Preview as FilePreview
from services.drafts import DraftPage, DraftView, Filters, Outcome
from services.erasure import Preview as ErasurePreview
from services.first_steps import FirstSteps
from services.hooks import DeliveryRow, IntegrationRow, OwnState, VendorInfo
from services.hooks import Shown as IntegrationShown
from services.ids import public_id
from services.mailboxes.listing import MailboxRow
from services.match_review import AnswerRow, Question
from services.notifications import NotificationRow
from services.outbox import QueueFilters, QueueRow, QueueView, SendPolicy
from services.rendering import DiffLine, TemplateInfo, Words
from services.rendering.versions import VersionRow as TemplateVersionRow
from services.responses import MailResponse, Reply
from services.retention import Gone, Kept
from services.scoring.advocacy import Board as AdvocacyBoard
from services.scoring.advocacy import Candidate, OpportunityRow, Wording
from services.scoring.advocacy import Step as OpportunityStep
from services.scoring.backtest import Backtest, Measured
from services.scoring.backtest import Outlook as BacktestOutlook
from services.scoring.board import Why
from services.scoring.health import Health, HealthWeights
from services.scoring.health import WeightsPreview as HealthPreview
from services.scoring.publish import Preview, Version
from services.scoring.risk import Filters as RiskFilters
from services.scoring.risk import Move as SignalMove
from services.scoring.risk import SignalPage, SignalRow
from services.suppression import Listing as Suppressions
from services.tasks import TaskRow
from services.timeline import Entry
from services.today import Inbox, Pick, TeamLine
from services.touches import Calendar as TouchCalendar
from services.uploads.entries import Recorded
from services.uploads.job import Progress
from services.uploads.likely_events import Homeless
from services.uploads.manual import Choice, NewEvent
from services.uploads.manual import Deed as AttendanceDeed
from services.uploads.own_company import OwnCompany
from services.uploads.records import UploadRow, UploadView
from services.uploads.staying import Staying

__all__ = [
    "AdvocacyBoard",
    "AnswerRow",
    "AttendanceDeed",
    "AuditFilters",
    "AuditPage",
    "Backtest",
    "BacktestOutlook",
    "Candidate",
    "Choice",
    "CustomerHead",
    "DelegationRow",
    "DeliveryRow",
    "DiffLine",
    "DraftPage",
    "DraftView",
    "Entry",
    "ErasurePreview",
    "FilePreview",
    "Filters",
    "FirstSteps",
    "Gone",
    "Health",
    "HealthPreview",
    "HealthWeights",
    "Homeless",
    "Inbox",
    "IntegrationRow",
    "IntegrationShown",
    "Interest",
    "Kept",
    "MailResponse",
    "MailboxRow",
    "Measured",
    "Merge",
    "MergePreview",
    "NewEvent",
    "NotificationRow",
    "OpportunityRow",
    "OpportunityStep",
    "Outcome",
    "OwnCompany",
    "OwnState",
    "PersonRow",
    "Pick",
    "Preview",
    "Progress",
    "Question",
    "QueueFilters",
    "QueueRow",
    "QueueView",
    "Recorded",
    "Reply",
    "RiskFilters",
    "SendPolicy",
    "SignalMove",
    "SignalPage",
    "SignalRow",
    "Staying",
    "Suppressions",
    "TaskRow",
    "TeamLine",
    "TemplateInfo",
    "TemplateVersionRow",
    "TokenRow",
    "TouchCalendar",
    "Training",
    "UploadRow",
    "UploadView",
    "VendorInfo",
    "Version",
    "Viewer",
    "Why",
    "Wording",
    "Words",
    "app_version",
    "clear",
    "demo_mode",
    "demo_people",
    "fresh",
    "public_id",
    "read",
    "session_for",
    "viewer_by_id",
]
