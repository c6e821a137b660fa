"""The commands: what each is called, how it is said, and examples for the help. A new one is a row here and a
handler of the same kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.ask.counting import NUMBER
from services.ask.dates import WEEKDAYS

_EVENT = r"webinars?|user group|conference|summit|training|workshop|roundtable|event|meetup"
_SENDING = r"(?:send|draft|create|write|prepare|make)(?: out)?(?: an?| the| some)?"
_INVITATION = r"(?:event |personal )?(?:invitations?|invites?)"
_FOLLOW = r"(?:follow[ -]?ups?|followups?)"
_RESOLVED = (
    r"(?:their |its |the |an? |that )?(?:last |latest |recent )?(?:resolved |solved |closed )?"
)
_MY = r"(?:(?:all |the |my |our )+(?:of )?)?"
_TOP = rf"(?P<top>{NUMBER})"
_DAY = rf"(?:on|in|by|next|this|today|tomorrow|the day after|{'|'.join(WEEKDAYS)}|\d)"


@dataclass(frozen=True)
class Command:
    """`patterns` take the whole of a command in lower case; their groups are the slots. They are tried in the
    order of the table."""

    kind: str
    title: str
    examples: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]


def _command(kind: str, title: str, examples: tuple[str, ...], *patterns: str) -> Command:
    return Command(kind, title, examples, tuple(re.compile(one) for one in patterns))


COMMANDS = (
    _command(
        "help", "Say what can be asked", ("Help",),
        r"help(?: me)?", r"what can (?:you|i) (?:do|ask|say)(?: here)?", r"commands?", r"hi|hello|hey",
    ),
    _command(
        "undo", "Take back what was done last", ("Undo",),
        r"undo(?: (?:it|that|this|the last(?: one)?))?", r"take (?:it|that|this|them) back",
        r"take back(?: (?:it|that|this|the last))?", r"(?:undo|take back) (?P<draft>drf_\d+)",
    ),
    _command(
        "send", "Approve the mail that is shown", ("Send",),
        r"(?:send|approve)(?: (?:it|this|that|the (?:mail|draft|message|email)|now))?(?P<anyway> anyway)?",
        r"(?:send|approve) (?P<draft>drf_\d+)(?P<anyway> anyway)?",
    ),
    _command(
        "edit", "Change the mail that is shown", ("Edit",),
        r"(?:edit|change)(?: (?:it|this|that|the (?:mail|draft|message|email)))?",
        r"edit (?P<draft>drf_\d+)",
    ),
    _command(
        "create_advocacy", "Create advocacy opportunities",
        ("Create advocacy opportunities for top 3",),
        r"(?:create|make|add|open)(?: an?| the| some)? advocacy opportunit(?:y|ies) (?:for|with) (?P<who>.+)",
        r"(?:create|make|add|open)(?: an?| the| some)? advocacy opportunit(?:y|ies)",
    ),
    _command(
        "detect", "Look for customers who fade",
        ("Create risk signals",),
        r"(?:create|make|detect|find|update|look for)(?: the| new)? (?:risk )?signals(?: .{0,60})?",
    ),
    _command(
        "ticket", "Follow up on a ticket",
        ("Follow up with TechFlow on ticket TF-2024-0847",
         "Follow up with TechFlow on their resolved API ticket",
         "Re-engage TechFlow after support ticket"),
        rf"{_FOLLOW} (?:with )?(?P<who>.+?) (?:on|about|after|regarding) {_RESOLVED}(?:support )?"
        r"tickets? (?:no |number |nr )?(?P<ticket>(?=\S*\d)\S+)",
        rf"{_FOLLOW} (?:with )?(?P<who>.+?) (?:on|about|after|regarding) {_RESOLVED}"
        r"(?:(?P<topic>(?!support\b).+?) )?(?:support )?(?:tickets?|issue|problem)",
        rf"{_FOLLOW} (?:on|about|after) {_RESOLVED}(?:support )?tickets? (?:no |number |nr )?(?P<ticket>\S+)",
        rf"reengage (?:with )?(?P<who>.+?) (?:on|about|after|following) {_RESOLVED}(?:support )?"
        r"tickets? (?:no |number |nr )?(?P<ticket>(?=\S*\d)\S+)",
        rf"reengage (?:with )?(?P<who>.+?) (?:on|about|after|following) {_RESOLVED}"
        r"(?:(?P<topic>(?!support\b).+?) )?(?:support )?(?:tickets?|issue|problem)",
    ),
    _command(
        "reengage", "Write to a customer who fades", ("Re-engage OldCorp",),
        r"(?:reengage|win back|reach out to)(?: with)? (?P<who>.+)",
    ),
    _command(
        "whom", "Whom to invite", ("Whom should I invite to the webinar?",),
        r"(?:who|whom)(?: else)?(?: (?:should|could|can|do|shall))?(?: i| we)?(?: to)?(?: be)? "
        r"(?:invite|invited|inviting)(?: (?:to|for) (?P<event>.+))?",
        rf"(?:show |recommend |suggest )?(?:me )?(?:the )?{_INVITATION} (?:recommendations|suggestions)"
        r"(?: (?:to|for) (?P<event>.+))?",
        r"recommend (?:customers|people|someone) (?:to|for) (?P<event>.+)",
        rf"(?:show |list )?(?:me )?(?:the )?(?:top|best) (?:{_TOP} )?(?:customers )?(?:to invite to|to invite for|for) (?P<event>.+)",
    ),
    _command(
        "invite", "Invite customers to an event",
        ("Invite DataFlow to the Customer Success Summit",
         "Send event invite to DataFlow, TechCorp and CloudMax",
         "Send invitations for the webinar"),
        rf"{_SENDING} {_INVITATION} to (?P<event>the (?:next |upcoming |last )?(?:{_EVENT}))",
        rf"{_SENDING} {_INVITATION} to (?P<who>.+?) (?:to|for) (?P<event>(?:the )?.+)",
        rf"{_SENDING} {_INVITATION} (?:for|of) (?P<event>.+?) to (?P<who>.+)",
        rf"{_SENDING} {_INVITATION} for (?P<event>.+)",
        rf"{_SENDING} {_INVITATION} to (?P<who>.+)",
        rf"{_SENDING} {_INVITATION}",
        r"invite (?P<who>.+?) (?:to|for) (?P<event>.+)",
        r"invite (?P<who>.+)",
    ),
    _command(
        "event_follow_up", "Follow up an event",
        ("Draft follow-ups for the last webinar",),
        rf"{_SENDING} {_FOLLOW} (?:mails? |emails? )?(?:for|after|to|from|on|with)"
        r"(?: the)?(?: attendees (?:of|at|from))? (?P<event>.+)",
        rf"{_FOLLOW} (?:with )?(?:the |everybody |everyone |all )*(?:attendees|people|who)?"
        r" ?(?:of|from|after|on|at|who (?:came|attended)(?: to)?) (?P<event>.+)",
        rf"{_SENDING} {_FOLLOW}",
    ),
    _command(
        "attendees", "Who came to an event", ("Who came to the last webinar?",),
        r"who (?:came|was|were|attended|went|showed up)(?: (?:to|at|in|for))? (?P<event>.+)",
        r"(?:show |list )?(?:me )?(?:the )?(?:attendees|attendance|participants) (?:of|at|for|from|to) (?P<event>.+)",
    ),
    _command(
        "engaged", "Who engaged most with mail",
        ("Who engaged highly with the newsletter?",),
        r"who (?:has |have )?(?:engaged|reacted|responded|clicked|opened|replied|answered)"
        r"(?: (?:highly|most|the most|best|a lot))?(?: (?:with|to|on|in))?(?: (?P<campaign>.+?))?(?: highly| most)?",
        r"(?:show |list )?(?:me )?(?:the )?(?:high(?:ly)? engag(?:ers|ed)|most engaged people|high engagement)"
        r"(?: (?:people|contacts))?(?: (?:of|in|with|for|from) (?P<campaign>.+))?",
    ),
    _command(
        "why", "Why a customer stands where it does", ("Why is OldCorp declining?",),
        r"why (?:is|are|did|does|has) (?P<who>.+?) (?:declining|fading|at risk|on the risk list|so low|low|flagged)",
        r"(?:show |tell |what ?s |what is )?(?:me )?(?:the )?score of (?P<who>.+)",
        r"how engaged is (?P<who>.+)",
    ),
    _command(
        "campaign", "How a campaign did", ("How did the newsletter do?",),
        r"how (?:did|does|is|was|has) (?P<campaign>.+?) (?:do|doing|done|perform(?:ing|ed)?|go|received|going)(?: so far)?",
        r"(?:show |tell )?(?:me )?(?:about )?(?:the )?(?:results|figures|numbers|report) (?:of|for) (?P<campaign>.+)",
        r"(?:show |list )(?:me )?(?:the )?campaign (?P<campaign>.+)",
        rf"(?:show |list )?(?:me )?{_MY}campaigns?",
    ),
    _command(
        "declining", "Who is declining", ("Who is declining?",),
        r"(?:which |what )?(?:customers? )?(?:who|which|what)?(?: customers?)? ?(?:is|are|s) "
        r"(?:declining|fading|at risk|dropping|losing interest)(?: .{0,60})?",
        rf"(?:show |list )?(?:me )?(?:the |my |our )?(?:(?:top |first |worst )?{_TOP} )?(?:customers? )?(?:who are |that are )?"
        r"(?:declining|fading|at risk|risks?)(?: .{0,60})?",
    ),
    _command(
        "candidates", "Advocacy candidates", ("Show advocacy candidates",),
        rf"(?:show |list |who are |find )?(?:me )?(?:the |my |our )?(?:best |top )?(?:{_TOP} )?(?:best |top )?advoca(?:cy|te)s?"
        r"(?: candidates?| customers)?",
        r"who (?:could|can|would|might) (?:be (?:a|an|our) (?:advocate|reference)s?|speak for us)",
    ),
    _command(
        "distribution", "How scores are spread", ("Show the engagement distribution",),
        r"(?:show |list )?(?:me )?(?:the )?(?:engagement |score )?distribution",
    ),
    _command(
        "coming", "Events to come", ("Which events are upcoming?",),
        rf"(?:which |what |show |list )?(?:me )?{_MY}(?:next |upcoming |coming |planned )?"
        r"(?:events|webinars)(?: (?:are|is))?(?: (?:there|next|upcoming|coming|coming up|planned))?",
    ),
    _command(
        "leaderboard", "The engagement leaderboard", ("Show the engagement leaderboard", "Top 5 customers"),
        r"(?:show |list )?(?:me )?(?:the |our |my )?(?:engagement )?(?:leaderboard|ranking|board|scores|(?P<bare>score))"
        rf"(?: top {_TOP})?",
        rf"(?:show |list )?(?:me )?(?:the |our |my )?(?:top|best) {_TOP}(?: .{{0,40}})?",
        rf"(?:show |list )?(?:me )?(?:the |our |my )?{_TOP} (?:top|best)(?: .{{0,40}})?",
        r"(?:show |list )?(?:me )?(?:the |our |my )?(?:top|best|most engaged)(?: engaged)? customers?",
        r"who (?:is|are)(?: the| my| our)?(?: most)? engaged(?: most)?(?: customers?)?",
    ),
    _command(
        "file", "Score engagement from a file",
        ("Score engagement from this event data",),
        r"score (?:the |my )?engagement(?: .{0,80})?",
        r"score (?:this|that|it|these|them|the (?:file|data|attendance|attendees))(?: .{0,80})?",
        r"(?:import|upload|process|load|read|analy[sz]e) .{0,80}",
    ),
    _command(
        "export", "Export the report", ("Export report",),
        r"export(?: .{0,60})?", r"download(?: .{0,60})?",
        r"(?:give|send|get|show|put)(?: .{0,40})? (?:as|in|into|to)(?: an?)? (?:excel|spreadsheet|csv)(?: file| sheet)?",
    ),
    _command(
        "remind", "Set a reminder", ("Remind me to call TechFlow on Friday",),
        rf"(?:(?P<when>{_DAY}\b.{{0,40}}?)[ ,]+)?(?:remind me|don ?t let me forget|(?:set|add|create|make)(?: me)?"
        r"(?: an?| the| new| follow[ -]?up)* (?:reminder|task))(?:[ ,]+(?P<what>.+))?",
    ),
    _command(
        "customer", "Show a customer", ("Show customer TechCorp",),
        r"how(?: s| is| are) (?P<who>.+?)(?: doing| going)?",
        r"(?:show|open|find|compare|tell me about)(?: me)?(?: the)?(?: customers?)? (?P<who>.+)",
    ),
)  # fmt: skip
ACTING = ("undo", "send", "edit", "create_advocacy", "detect", "ticket", "reengage", "invite",
          "event_follow_up", "remind")  # fmt: skip
"""Kinds that do something: never offered to somebody who said not to."""
BY_KIND = {command.kind: command for command in COMMANDS}
EXAMPLES = (
    "Show the engagement leaderboard",
    "Who is declining?",
    "Whom should I invite to the webinar?",
    "Help",
)
"""For somebody who has not asked anything yet."""
