"""The records of the page Ask, for the screens."""

from __future__ import annotations

from services.ask.answers import Choices as AskChoices
from services.ask.answers import DraftShown as AskDraft
from services.ask.answers import File as AskFile
from services.ask.answers import Links as AskLinks
from services.ask.answers import Table as AskTable
from services.ask.answers import Text as AskText
from services.ask.book import OnScreen
from services.ask.history import Turn

__all__ = [
    "AskChoices",
    "AskDraft",
    "AskFile",
    "AskLinks",
    "AskTable",
    "AskText",
    "OnScreen",
    "Turn",
]
