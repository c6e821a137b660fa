"""Every table, one file per noun. Import from here, so that `metadata` is always complete."""

from __future__ import annotations

from data.tables.access import ApiToken, AuditEntry, OneTimeLink, Person, SignIn
from data.tables.base import Base, metadata
from data.tables.customers import (
    Customer,
    CustomerDomain,
    CustomerName,
    Stakeholder,
    StakeholderEmail,
)
from data.tables.events import Attendance, AttendanceNote, Event, MatchAnswer, Participant
from data.tables.scoring import CustomerScore, WeightSet
from data.tables.uploads import (
    AppSetting,
    DataVersion,
    KeptFrame,
    SavedMapping,
    Upload,
    UploadPart,
)

__all__ = [
    "ApiToken",
    "AppSetting",
    "Attendance",
    "AttendanceNote",
    "AuditEntry",
    "Base",
    "Customer",
    "CustomerDomain",
    "CustomerName",
    "CustomerScore",
    "DataVersion",
    "Event",
    "KeptFrame",
    "MatchAnswer",
    "OneTimeLink",
    "Participant",
    "Person",
    "SavedMapping",
    "SignIn",
    "Stakeholder",
    "StakeholderEmail",
    "Upload",
    "UploadPart",
    "WeightSet",
    "metadata",
]
