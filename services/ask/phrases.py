"""How a command is said, and what people say for one thing: the pieces of its patterns. All in lower case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.ask.counting import NUMBER
from services.ask.dates import WEEKDAYS

EVENT = r"webinars?|user group|conference|summit|training|workshop|roundtable|event|meetup"
MAILING = r"campaign|newsletter|mailing|announcement|product update"
SENDING = r"(?:send|draft|create|write|prepare|make)(?: out)?(?: an?| the| some)?"
INVITATION = r"(?:event |personal )?(?:invitations?|invites?)"
FOLLOW = r"(?:follow(?:ing)?[ -]?up|followup|f u|fup)"
FOLLOWS = r"(?:follow[ -]?ups?|followups?|f u|fup)"
"""What is drafted. Alone, more than one are those that there are."""
REACH = (
    rf"(?:{FOLLOW}|check(?:ing)?(?: back(?: in| up)?| in| up|(?= (?:on|with)\b))|touch base|get back|circle back|write|reach out|e-?mail(?! from\b)|mail(?! from\b)|"
    r"contact(?! (?:at|for|of|from)\b)|(?:send|write|draft)(?: an?| the| some)? (?:follow[ -]?up|mail|e-?mail|message|note)s?)(?: (?:with|to|on|for))?"
)
"""To say a word to somebody."""
MAIL = (
    r"(?:it|this|that|they|them|these|those|(?:the|my|our|your|that|this|these|those|their)(?: last| latest)? "
    r"(?:mails?|e-?mails?|drafts?|messages?|follow[ -]?ups?|invitations?|invites?))"
)
"""The mail that was spoken of."""
LEFT = r"(?:sent|delivered|approved|mailed|send|leave|left|(?:gone?|going|go|went|sent) (?:out|off)|on its way)"
ABOUT = r"(?:on|about|after|regarding|re|concerning|following|for)"
RESOLVED = r"(?:their |its |the |an? |that |this )?(?:last |latest |recent )?(?:resolved |solved |closed )?"
TICKET = r"(?:support )?(?:tickets?|case|issues?|problems?)"
NUMBERED = r"(?:no |number |nr )?(?P<ticket>(?=\S*\d)\S+)"
CODE = r"(?P<ticket>[a-z]{1,6}-?\d[\d-]*|\d{3,})"
"""What can only be the number of a ticket."""
NOBODY = (
    r"(?!(?:the|my|our|their|its|this|that|these|those|an?|all|any|there|many|much|it|on|about|show|open|invite|send|"
    r"draft|create|write|approve|close|solve|delete|engagement|health|customers?|accounts?)\b)"
)
"""In front of a name: none begins so."""
SHOW = (
    r"(?:(?:(?:show|list|give|tell|display|view|see|get|find|check|count|what|which|whats|whos|who|how many|are there|"
    r"is there|do (?:i|we) have|have (?:i|we)(?: got)?|did)(?: (?:me|us|of|about|are|is|s|were|was))* )?"
    r"(?:(?:all|the|my|our|any|of|some|current|currently) )*)"
)
"""Whatever asks for a list."""
THERE = r"(?: (?:are there|do (?:i|we) have|have (?:i|we)(?: got)?|there are|(?:i|we) have|right now|at present))?"
"""What may stand behind it."""
CUSTOMERS = r"(?:customers?|accounts?|clients?|compan(?:y|ies)|logos?)"
FADING = (
    r"(?:declining|fading|at[ -]risk|in danger|dropping(?: off)?|slipping(?: away)?|falling(?: off| behind)?|churning|"
    r"disengag(?:ed|ing)|losing interest|less engaged|inactive|dormant|(?:going|gone|gone very) (?:quiet|cold|dark|silent))"
)
ADVOCATES = r"(?:advoca(?:cy|tes?)|references?|promoters?|fans)"
COME = r"(?:come|attend|show(?:ed)? up|turn up|make it|join|participate)"
CAME = r"(?:came|attended|went|showed up|turned up|made it|joined|participated|was|were)"
TOUCHED = (
    r"(?:touched(?: base with)?|contacted|(?:spoken|talked|written|reached out) (?:to|with)|spoken|reached|called|e-?mailed|mailed|met(?: with)?"
    r"|in (?:touch|contact)(?: with)?|heard (?:from|of) (?:us|me)|had (?:any )?contact(?: with)?)(?: (?:us|me|them|by us|by me|by anybody|by anyone))?"
)
SPAN = r"(?: (?P<span>(?:in|for|within|over|during|since|lately|recently|yet|at all|ever|the (?:last|past)|any ?more|this)\b.{0,40}))?"
TOP = rf"(?P<top>{NUMBER})"
REST = (
    r"(?:(?: .{0,40}?)? (?P<rest>(?:in|at|of|from|by|for|with|without|since|except|but|among|this|last)\b(?! (?:risk|danger|all|total|"
    r"mine|ours|us|me|them|engagement|scores?|now|leaving|churn(?:ing)?|(?:my|our|the) (?:customers|accounts|events|portfolio|book)|the moment|present)\b)"
    r".{0,60})|(?: .{0,60})?)"
)
"""What may follow a list, and what of it narrows the list."""
DAY = rf"(?:on|in|by|at|before|next|this|today|tonight|tomorrow|the day after|end of|first thing|{'|'.join(WEEKDAYS)}|\d)"


@dataclass(frozen=True)
class Command:
    """`patterns` take the whole of a command in lower case; their groups are the slots. They are tried in the
    order of the table. One without examples is none that the help tells of."""

    kind: str
    title: str
    examples: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]


def command(kind: str, title: str, examples: tuple[str, ...], *patterns: str) -> Command:
    return Command(kind, title, examples, tuple(re.compile(one) for one in patterns))
