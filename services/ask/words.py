"""Words as people type them: quotes, case and slips of the finger. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import OSA

LONGEST = 2_000
"""Characters; nothing that can be asked here takes more."""
QUOTES = "\"'`´“”„‟«»‹›‘’‚‛"
COMMANDS = frozenset(
    [
        "advocacy",
        "attended",
        "attendance",
        "attendees",
        "campaign",
        "candidates",
        "conference",
        "create",
        "customers",
        "declining",
        "draft",
        "edit",
        "engaged",
        "engagement",
        "event",
        "events",
        "export",
        "fading",
        "follow",
        "followup",
        "help",
        "highly",
        "invitation",
        "invitations",
        "invite",
        "invites",
        "leaderboard",
        "meetup",
        "opportunities",
        "opportunity",
        "ranking",
        "recommend",
        "reengage",
        "remind",
        "reminder",
        "report",
        "resolved",
        "roundtable",
        "score",
        "scores",
        "send",
        "show",
        "signals",
        "summit",
        "support",
        "ticket",
        "tickets",
        "training",
        "undo",
        "upcoming",
        "webinar",
        "webinars",
        "workshop",
        "approve",
        "conferences",
        "should",
        "please",
        "newsletter",
        "remember",
    ]
)
"""What is put right when it is misspelled. Names are read from the text as it was typed."""
_ORDINARY = frozenset(
    [
        "advocate",
        "advocates",
        "sent",
        "seed",
        "lend",
        "mend",
        "show",
        "these",
        "those",
        "there",
        "their",
        "after",
        "which",
        "event-s",
        "evens",
        "scope",
        "store",
        "inside",
        "shore",
        "customer",
        "client",
        "clients",
        "people",
        "about",
        "could",
        "would",
        "campaigns",
        "created",
        "events",
        "invited",
        "drafts",
        "registered",
        "registrations",
        "approved",
        "supported",
        "reports",
        "reported",
        "shown",
        "sender",
        "sends",
        "reminders",
        "signal",
        "trained",
        "trainings",
        "scored",
        "scoring",
        "helped",
        "helps",
        "attend",
        "attends",
        "missed",
        "engage",
        "engages",
        "resolve",
        "solved",
        "unsolved",
        "unresolved",
        "closed",
        "pending",
        "waiting",
        "waits",
        "today",
        "tasks",
        "number",
        "numbers",
        "results",
        "accounts",
        "contact",
        "contacts",
        "follows",
        "follow-ups",
        "followups",
        "followed",
        "reengaged",
        "reengages",
        "re-engaged",
        "re-engages",
        "approval",
        "approvals",
        "approver",
        "approves",
        "approving",
        "unto",
        "undue",
    ]
)
_SHORT, _LONG = 4, 8
_QUESTION_MARKS = str.maketrans(dict.fromkeys("؟❓❔‽⸮፧꘏", "?"))
_TOKEN = re.compile(r"(?:(?<=\s)-(?=\d))?[^\W_]+(?:[-_.][^\W_]+)*", re.UNICODE)


@dataclass(frozen=True)
class Told:
    """`plain` is what patterns are compared with; each of its places stands for a place in `typed`."""

    typed: str
    plain: str
    places: tuple[int, ...]

    def original(self, start: int, end: int) -> str:
        """What was typed where `plain[start:end]` stands, without quotes around it."""
        return self.typed[self.places[start] : self.places[end]].strip(f" \t\r\n,;:!?{QUOTES}")


def signed(typed: str) -> str:
    """With the question marks and commas of other scripts, and of pictures, as ours."""
    return unicodedata.normalize("NFKC", typed).translate(_QUESTION_MARKS)


def told(typed: str) -> Told:
    """Lower case, one blank between words, no quotes, command words spelled right."""
    plain: list[str] = []
    places: list[int] = []
    at, first = 0, True
    for found in _TOKEN.finditer(typed):
        signs = signed(typed[at : found.start()])
        between = "".join(c if c in ",;&?!" else " " for c in signs)
        between = " ".join(between.split())
        gap = f"{between} " if first and between else f" {between} " if between else " "
        gap = "" if first and not between else gap
        word = _righted(_folded(found[0]), first=first)
        plain += [gap, word]
        places += [at] * len(gap)
        places += [min(found.start() + n, found.end() - 1) for n in range(len(word))]
        at, first = found.end(), False
    text = "".join(plain)
    return Told(typed, text, (*places, at))


def _folded(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "reengage" if folded in ("re-engage", "reengaging", "re-engaging") else folded


def _righted(word: str, *, first: bool) -> str:
    """The command word that this one is a slip away from. A short one only where commands begin."""
    if word in COMMANDS or word in _ORDINARY or len(word) < (_SHORT if first else _SHORT + 1):
        return word
    if any(c.isdigit() for c in word):
        return word
    near = [
        (OSA.distance(word, known), known)
        for known in COMMANDS
        if abs(len(known) - len(word)) <= 2 and known[0] in word[:2]
    ]
    best = min(near, default=(9, ""))
    allowed = 2 if len(word) >= _LONG else 1
    return best[1] if best[0] <= allowed else word
