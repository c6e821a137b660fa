"""One question per domain, company name or address, the answers, and taking them back."""

from __future__ import annotations

from services.match_review.answers import AnswerRow, answer, answers, withdraw
from services.match_review.asking import Candidate, Question, questions

__all__ = ["AnswerRow", "Candidate", "Question", "answer", "answers", "questions", "withdraw"]
