"""The commands: what each is called, how it is said, and examples for the help. A new one is a row here, or in
services.ask.questions where it only looks, and a handler of the same kind."""

from __future__ import annotations

from services.ask.phrases import (
    ABOUT,
    ADVOCATES,
    CAME,
    CODE,
    CUSTOMERS,
    DAY,
    EVENT,
    FADING,
    FOLLOW,
    FOLLOWS,
    INVITATION,
    LEFT,
    MAIL,
    NOBODY,
    NUMBERED,
    REACH,
    RESOLVED,
    SENDING,
    SHOW,
    TICKET,
    command,
)
from services.ask.questions import QUESTIONS

COMMANDS = (
    command(
        "help", "Say what can be asked", ("Help",),
        r"help(?: me)?", r"what (?:else )?can (?:you|i|we) (?:do|ask|say)(?: here| for me)?", r"commands?|examples?",
        r"how does (?:this|it) work", r"how do i use (?:this|it|you)", r"what do you do",
    ),
    command(
        "manners", "", (),
        r"(?P<hello>(?:hi|hello|hey|hiya|howdy|greetings|(?:good )?(?:morning|afternoon|evening)|good day)"
        r"(?: (?:there|all|everyone|team|you|again))*)",
        r"(?P<thanks>(?:thanks?|thx|cheers|great|perfect|awesome|nice|cool|super|wonderful|excellent|well done|good)"
        r"(?:[ ,]+(?:thanks?|thx|you|so|very|much|a lot|lots|again|for (?:that|this|your help|the help)|job|work|one|great|"
        r"perfect))*|that s all|(?:good ?)?bye|see you(?: .{0,20})?)",
        r"(?P<yes>(?:yes|yep|yeah|sure|ok|okay|of course|do it|do that|go ahead|go on|confirm|proceed|sounds good|agreed)"
        r"(?: please)?)",
        r"(?P<no>(?:no|nope|nah|cancel|stop|never ?mind|forget it|not now|abort|don t|do not)(?: (?:that|it|this))?)",
    ),
    command(
        "undo", "Take back what was done last", ("Undo",),
        r"undo(?: (?:it|that|this|the last(?: one)?))?", r"take (?:it|that|this|them) back",
        r"take back(?: (?:it|that|this|the last))?", r"(?:undo|take back) (?P<draft>drf_\d+)",
    ),
    command(
        "send", "Approve the mail that is shown", ("Send",),
        r"(?:send|approve)(?: (?:it|this|that|the (?:mail|draft|message|email)|now))?(?P<anyway> anyway)?",
        r"(?:send|approve) (?P<draft>drf_\d+)(?P<anyway> anyway)?",
    ),
    command(
        "waiting", "The mails that wait for you", ("What waits for my approval?",),
        r"(?P<all>(?:send|approve)(?: out| off)? (?:(?:them|these|those|both|all|everything|every|each|the|my|our|of|ones?|rest|"
        r"others|approved|waiting|pending|open|drafts?|mails|e-?mails|messages)(?: |$))+)",
        rf"{SHOW}(?:waiting |pending |open |unsent |unapproved |unread )?(?:drafts?|mails|e-?mails|approvals?|follow[ -]?ups|followups)(?: queue)?"
        r"(?: (?:that|which|are|is|do|i|we|have|still|left|open|there|waiting|pending|unsent|to (?:be )?"
        r"(?:approved?|sent|send|read|do)|for (?:me|us|(?:my )?approval)))*",
        r"what(?: is| s| are| else is)? ?(?:still )?(?:waiting|waits|pending)(?: (?:for|on) .{0,30}| to .{0,30})?",
        r"what (?:do i have to|must i|should i|can i|needs?|requires?|awaits?)(?: my| our)? (?:approv(?:e|al|ing)|ok|sending|send)",
    ),
    command(
        "sent", "Whether a mail has left", ("Has it been sent?",),
        rf"(?:has|have|had|was|were|is|are|did|does|do|hasn t|wasn t|isn t|didn t) (?:you |we |i |anybody )?{MAIL}(?: (?:already|yet|ever|all|been|get|really|"
        rf"actually|even|now))* {LEFT}(?: (?:already|yet|now|to .{{1,60}}))*",
        rf"(?:has|have|did|when|why)(?: (?:will|do|did|does|have|has|had|is|was|are|were|shall|should|would|not|hasn t|haven t|didn t|isn t|wasn t|"
        rf"you|we|i|they|it|be|been|already|ever))* (?:send|sent|deliver(?:ed)?)(?: out| off)? {MAIL}(?: (?:already|yet|now|off|out|to .{{1,60}}))*",
        rf"(?:when|why)(?: (?:will|do|did|does|have|has|had|is|was|are|were|shall|should|would|not|hasn t|haven t|didn t|isn t|wasn t))* {MAIL}"
        rf"(?: (?:be|been|get|not|already|ever|going to))* {LEFT}(?: (?:already|yet|now|to .{{1,60}}))*",
    ),
    command(
        "edit", "Change the mail that is shown", ("Edit",),
        r"(?:edit|change)(?: (?:it|this|that|the (?:mail|draft|message|email)))?",
        r"edit (?P<draft>drf_\d+)",
    ),
    command(
        "create_advocacy", "Create advocacy opportunities",
        ("Create advocacy opportunities for top 3",),
        r"(?:create|make|add|open)(?: an?| the| some)? advocacy opportunit(?:y|ies) (?:for|with|from) (?P<who>.+)",
        r"(?:create|make|add|open)(?: an?| the| some)? advocacy opportunit(?:y|ies)",
        rf"make (?P<who>.+?)(?: into)?(?: an?| our)? {ADVOCATES}",
    ),
    command(
        "detect", "Look for customers who fade",
        ("Create risk signals",),
        r"(?:create|make|detect|find|update|look for)(?: the| new)? (?:risk )?signals"
        rf"(?:(?: .{{0,40}}?)? (?P<rest>(?:for|of|at|in|with) (?!(?:(?:all|the|my|our|these|those|them) ?)*(?:{FADING}|{CUSTOMERS}|$)).{{1,60}})|(?: .{{0,60}})?)",
    ),
    command(
        "ticket", "Follow up on a ticket",
        ("Follow up with TechFlow on ticket TF-2024-0847",
         "Follow up with TechFlow on their resolved API ticket",
         "Re-engage TechFlow after support ticket"),
        rf"{FOLLOW}(?: {ABOUT})? {CODE}",
        rf"{REACH} (?P<who>.+?) {ABOUT} (?:{RESOLVED}{TICKET} {NUMBERED})",
        rf"{REACH} (?P<who>.+?) {ABOUT} {CODE}",
        rf"{REACH} (?P<who>{NOBODY}.+?) {ABOUT} {RESOLVED}(?:(?P<topic>(?!support\b).+?) )?{TICKET}",
        rf"{FOLLOW} {ABOUT} {RESOLVED}{TICKET} (?:no |number |nr )?(?P<ticket>\S+)",
        rf"{REACH} (?P<who>{NOBODY}.+?) s {RESOLVED}(?:(?P<topic>(?!support\b).+?) )?{TICKET}",
        rf"{FOLLOW}(?: with| on| about| after)? {RESOLVED}(?:(?P<topic>(?!support\b)(?!.*\b(?:on|with|to)\b).+?) )?{TICKET}",
        rf"reengage (?:with )?(?P<who>.+?) {ABOUT} {RESOLVED}{TICKET} {NUMBERED}",
        rf"reengage (?:with )?(?P<who>.+?) {ABOUT} {RESOLVED}(?:(?P<topic>(?!support\b).+?) )?{TICKET}",
    ),
    command(
        "reengage", "Write to a customer who fades", ("Re-engage OldCorp",),
        r"(?:reengage|win back|reach out to)(?: with)? (?P<who>.+)",
    ),
    command(
        "invite", "Invite customers to an event",
        ("Invite DataFlow to the Customer Success Summit",
         "Send event invite to DataFlow, TechCorp and CloudMax",
         "Send invitations for the webinar"),
        rf"{SENDING} {INVITATION} to (?P<event>the (?:next |upcoming |last )?(?:{EVENT}))",
        rf"{SENDING} {INVITATION} to (?P<who>.+?) (?:to|for) (?P<event>(?:the )?.+)",
        rf"{SENDING} {INVITATION} (?:for|of|to) (?P<event>.+?) to (?P<who>.+)",
        rf"{SENDING} {INVITATION} for (?P<event>.+)",
        rf"{SENDING} {INVITATION} to (?P<who>.+)",
        rf"{SENDING} {INVITATION}",
        rf"{SENDING} (?P<event>(?:{EVENT})) {INVITATION} (?:to|for) (?P<who>.+)",
        rf"{SENDING} (?P<who>.+?) (?:an? |the |their )?{INVITATION} (?:to|for) (?P<event>.+)",
        r"(?:to|for) (?P<event>.+?)[ ,]+invite (?P<who>.+)",
        r"inv(?:ite)? (?P<who>.+?)(?: s (?:team|people|folks|contacts?|champions?))? (?:to|for) (?P<event>.+)",
        r"invite (?P<who>.+)",
    ),
    command(
        "event_follow_up", "Follow up an event",
        ("Draft follow-ups for the last webinar",),
        rf"{SENDING} {FOLLOWS} (?:mails? |emails? )?(?:for|after|to|from|on|with)"
        r"(?: the)?(?: attendees (?:of|at|from))? (?P<event>.+)",
        rf"{FOLLOW} (?:with )?(?:the |everybody |everyone |all )*(?:attendees|people|who)?"
        r" ?(?:of|from|after|on|at|who (?:came|attended)(?: to)?) (?P<event>.+)",
        rf"{SENDING} {FOLLOWS}",
        rf"(?:thank|{SENDING} (?:thank[ -]?you|thanks)(?: mails?| e-?mails?| notes?| messages?)? to|(?:write|send (?:an? )?(?:mails?|e-?mails?)) to)"
        rf" (?:(?:the|all|everybody|everyone|people|attendees|participants|those|customers|of) )*(?:who {CAME}(?: to| at)?|of|at|from) (?P<event>.+)",
    ),
    command(
        "file", "Score engagement from a file",
        ("Score engagement from this event data",),
        r"score (?:the |my )?engagement(?: .{0,80})?",
        r"score (?:this|that|it|these|them|my customers|the (?:file|data|attendance|attendees))(?: .{0,80})?",
        r"(?:import|upload|process|load|read|analy[sz]e) .{0,80}",
    ),
    command(
        "export", "Export the report", ("Export report",),
        r"export(?: .{0,60})?", r"download(?: .{0,60})?",
        r"(?:give|send|get|show|put)(?: .{0,40})? (?:as|in|into|to)(?: an?)? (?:excel|spreadsheet|csv)(?: file| sheet)?",
    ),
    command(
        "remind", "Set a reminder", ("Remind me to call TechFlow on Friday",),
        rf"(?:(?P<when>{DAY}\b.{{0,40}}?)[ ,]+)?(?:remind me|don ?t let me forget|(?:set|add|create|make)(?: me)?"
        r"(?: an?| the| new| follow[ -]?up)* (?:reminder|task|to[ -]?do))(?:[ ,]+(?P<what>(?!lists?\b).+))?",
        r"(?:reminder|to[ -]?do|note to self)[ ,]+(?P<what>(?!lists?\b|today|due\b).+)",
    ),
    *QUESTIONS,
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
