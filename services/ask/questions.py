"""The commands that only look: what each is called, how it is asked, and examples for the help. They are tried in this
order, after those that do something."""

from __future__ import annotations

from services.ask.phrases import (
    ADVOCATES,
    CAME,
    CODE,
    COME,
    CUSTOMERS,
    EVENT,
    FADING,
    INVITATION,
    MAILING,
    NOBODY,
    NUMBERED,
    REST,
    SHOW,
    SPAN,
    THERE,
    TOP,
    TOUCHED,
    command,
)

QUESTIONS = (
    command(
        "one_ticket", "Show a ticket", ("Show ticket TF-2024-0847",),
        rf"{SHOW}(?:status (?:of|on) )?(?:tickets?|case) {NUMBERED}",
        rf"{SHOW}(?:status (?:of|on) )?(?:ticket )?{CODE}(?: s)?(?: status)?",
    ),
    command(
        "whom", "Whom to invite", ("Whom should I invite to the webinar?",),
        r"(?:who|whom)(?: else)?(?: (?:should|could|can|do|shall))?(?: i| we)?(?: to)?(?: be)? "
        r"(?:invite|invited|inviting)(?: (?:to|for) (?P<event>.+))?",
        rf"(?:show |recommend |suggest )?(?:me )?(?:the )?{INVITATION} (?:recommendations|suggestions)"
        r"(?: (?:to|for) (?P<event>.+))?",
        rf"recommend (?:{CUSTOMERS}|people|someone) (?:to|for) (?P<event>.+)",
        rf"(?:show |list )?(?:me )?(?:the )?(?:top|best) (?:{TOP} )?(?:{CUSTOMERS} )?(?:to invite to|to invite for|for) (?P<event>.+)",
    ),
    command(
        "invited", "Who is invited and registered", ("Who is registered for the summit?",),
        r"(?:who|how many)(?: (?:all|people|of them|customers))?(?: (?:is|are|s|was|were|has|have|did|will))*(?: (?:been|already|so far|be))* "
        r"(?:invited|registered|register(?:ing)?|sign(?:ed)? up|coming|accepted?|confirmed|declined|going|attending)"
        r" (?:to|for|at) (?P<event>.+)",
        rf"(?:who|how many) (?:{CUSTOMERS} |people )?(?:accepted|confirmed|declined) (?P<event>.+)",
        r"(?:show |list |how many |what are )(?:me )?(?:the )?(?:registrations?|rsvps?|sign[ -]?ups|invited people|invitees|guests?)"
        r"(?: list)? (?:for|of|to|at) (?P<event>.+)",
    ),
    command(
        "untouched", "Whom nobody has been in contact with", ("Who has not been touched in 60 days?",),
        rf"(?:who|whom|which (?:of )?(?:my |our )?{CUSTOMERS}|{SHOW}{CUSTOMERS}(?: (?:who|that|which|whom))?) (?:have|has|had|did|do|does|are|is|were|was)"
        rf"(?: ?n ?t| not| never)(?: (?:i|we|anybody|anyone|you))?(?: been)? {TOUCHED}{SPAN}",
        rf"(?:who|whom|which (?:of )?(?:my |our )?{CUSTOMERS}|{SHOW}{CUSTOMERS}(?: (?:who|that|which|whom))?)(?: (?:have|has|had|did))? "
        rf"(?:(?:i|we|you)(?: have| had| did)?(?: ?n ?t| not| never)|nobody(?: has)?|no one(?: has)?)(?: been)? {TOUCHED}{SPAN}",
        rf"{SHOW}(?:untouched|uncontacted|neglected) {CUSTOMERS}{SPAN}",
        rf"{SHOW}{CUSTOMERS} (?:without|with no|that had no|who had no) (?:any |an? )?(?:touch|contact|touches|contacts)(?: from us)?{SPAN}",
    ),
    command(
        "missed", "Who stayed away from an event", ("Who missed the last webinar?",),
        rf"(?:who|how many)(?: people| {CUSTOMERS})? (?:missed|skipped) (?P<event>.+)",
        rf"(?:who|how many)(?: people| {CUSTOMERS})? (?:did|has|have|was|were)(?: ?n ?t| not) (?:{COME}|{CAME}|there|been|at)"
        r"(?: (?:to|at|in|for))? (?P<event>(?!lately|recently|any|for |in |since|much|often).+)",
        rf"{SHOW}no[ -]?shows?(?: (?:of|at|for|from|to|in) (?P<event>.+))?",
    ),
    command(
        "attendees", "Who came to an event", ("Who came to the last webinar?",),
        rf"(?:who|how many)(?: people| {CUSTOMERS}| of them)?(?: all)? {CAME}(?: (?:to|at|in|for))? (?P<event>.+)",
        rf"{SHOW}(?:attendees|attendance|participants|turnout) (?:of|at|for|from|to) (?P<event>.+)",
        rf"{SHOW}(?P<event>.+?)(?: s)? (?:attendees|attendance|participants|turnout)",
        rf"(?:did|was|were|has|have) (?P<who>.+?) (?:{COME}|{CAME}|been|at)(?: (?:to|at|in))? (?P<event>.+)",
    ),
    command(
        "campaign", "How a campaign did", ("How did the newsletter do?",),
        r"how (?:did|does|is|was|has) (?P<campaign>.+?) (?:do|doing|done|perform(?:ing|ed)?|go|received|going)(?: so far)?",
        rf"how was (?P<campaign>(?:the |our )?(?:last |latest )?(?:{EVENT}|{MAILING}))",
        rf"{SHOW}(?:results|figures|numbers|report|stats|statistics|performance|(?:open|click|reply|response|bounce)(?:ing)?[ -]?rates?|"
        r"opens|clicks|replies|unsubscribes|bounces) (?:of|for|on|in|from) (?P<campaign>.+)",
        rf"{SHOW}(?P<campaign>(?:.+ )?(?:{MAILING}))(?: s)? (?:results|figures|numbers|report|stats|statistics|performance|"
        r"(?:open|click|reply|response|bounce)(?:ing)?[ -]?rates?)",
        r"how many(?: people| contacts| customers| of them)?(?: have| has)? (?:opened|clicked|read|replied|responded|answered|unsubscribed|"
        r"bounced|got|received)(?: (?:on|in|to|from|with))? (?P<campaign>.+)",
        r"who(?: has| have)? (?:unsubscribed|bounced|opted out)(?: (?:from|of|in|after))? (?P<campaign>.+)",
        r"(?:show |list )(?:me )?(?:the )?campaign (?P<campaign>.+)",
        rf"{SHOW}(?P<campaign>(?:last|latest|newest|previous|recent|most recent) (?:{MAILING}))",
        rf"{SHOW}(?:campaigns?|newsletters|mailings)(?: did we send| have we sent| are there)?",
    ),
    command(
        "engaged", "Who engaged most with mail",
        ("Who engaged highly with the newsletter?",),
        r"who (?:has |have )?(?:engaged|reacted|responded|clicked|opened|read|replied|answered)"
        r"(?: (?:highly|most|the most|best|a lot))?(?: (?:with|to|on|in))?(?: (?P<campaign>.+?))?(?: highly| most)?",
        rf"{SHOW}(?:high(?:ly)? engag(?:ers|ed)|most engaged people|high engagement)"
        r"(?: (?:people|contacts))?(?: (?:of|in|with|for|from) (?P<campaign>.+))?",
    ),
    command(
        "why", "Why a customer stands where it does", ("Why is OldCorp declining?",),
        rf"why (?:is|are|did|does|has|have|s) (?P<who>.+?)(?: s)?(?: engagement| health)?(?: score)? "
        rf"(?:so |been |become |getting |go |gone |went )?(?:{FADING}|drop(?:ped)?|fall(?:en)?|declined?|low(?:er)?|down|bad|red|"
        r"on the risk list|flagged)(?: .{0,40})?",
        r"(?:show |tell |what ?s |what is )?(?:me )?(?:the )?(?:engagement )?score (?:of|for) (?P<who>.+)",
        rf"(?:is|are) (?P<who>{NOBODY}.+?) (?:still |really |currently )?(?:{FADING}|ok|okay|(?:doing )?(?:well|fine|healthy|engaged))",
        r"how engaged (?:is|are) (?P<who>.+)",
    ),
    command(
        "declining", "Who is declining", ("Who is declining?",),
        rf"{SHOW}(?:(?:top|first|worst) )?(?:{TOP} )?(?:{CUSTOMERS} )?(?:(?:who|that|which|are|is|s|were|there|i have|we have) )*"
        rf"(?:{FADING}|risks?){REST}",
        rf"(?:which|what) (?:of )?(?:my |our )?{CUSTOMERS} (?:are|is) {FADING}{REST}",
        rf"(?:who|which {CUSTOMERS})(?: has| have)? (?:stopped|quit|no longer|given up) (?:coming|attending|comes?|attends?|joining|showing up)(?: .{{0,40}})?",
        rf"(?:who|which {CUSTOMERS}) (?:has|have|had|did|does|do|is|are)(?: ?n ?t| not) (?:been )?(?:{COME}|{CAME}|attended|coming|attending|joining)(?: .{{0,40}})?",
    ),
    command(
        "candidates", "Advocacy candidates", ("Show advocacy candidates",),
        rf"{SHOW}(?:best |top )?(?:{TOP} )?(?:best |top )?{ADVOCATES}(?: candidates?| {CUSTOMERS}| opportunities)?{THERE}",
        rf"who (?:could|can|would|might|is)(?: be)? (?:(?:an?|our) )?(?:{ADVOCATES}|speak for us|willing to speak)",
        rf"(?:who|whom|which {CUSTOMERS}) (?:should|could|can|do|shall) (?:i|we) ask (?:for|to) (?:an? |the )?"
        r"(?:case stud(?:y|ies)|references?|testimonials?|quotes?|reviews?|speak(?:er|ing)?|talk|advocacy)(?: .{0,40})?",
    ),
    command(
        "distribution", "How scores are spread", ("Show the engagement distribution",),
        rf"{SHOW}(?:engagement |score )?(?:distribution|spread)(?: of .{{0,30}})?",
    ),
    command(
        "coming", "Events to come", ("Which events are upcoming?", "When is the summit?"),
        r"when(?: is| s| are| does| will| do)?(?: the)? (?P<event>(?:our |my |next )*(?:.+?))(?: (?:be|start|begin|held|take place|happen|on))*",
        rf"{SHOW}(?P<event>next (?:{EVENT}))(?: (?:about|like))?",
        rf"{SHOW}(?:next |upcoming |coming |planned |future )?(?:events|webinars|trainings|workshops|meetups)"
        r"(?: (?:are|is|do|have|we|i))*(?: (?:there|next|upcoming|coming|coming up|planned|soon|scheduled))?",
    ),
    command(
        "today", "What is to do", ("What should I do today?",),
        r"what (?:should|shall|do|can|must|could) (?:i|we)(?: (?:have|need|got) to)? (?:do|work on|focus on|start with|tackle)"
        r"(?: (?:today|now|next|first|this week|about .{0,30}))*",
        r"what(?: is| s| are)? (?:(?:due|next|urgent|important|on my (?:plate|agenda|list|desk)|to do|new|up|my day)(?: |$))"
        r"(?:today|now|this week|for me|for today)*",
        rf"{SHOW}(?:open |due |overdue )?(?:tasks?|to[ -]?dos?|reminders|agenda|day|priorities|to[ -]?do list|today)"
        r"(?: (?:are|is|do|i|we|have|due|open|for|today|me|this week|list))*",
        r"(?:create|make|draft|write|start|open|build|prepare)(?: me)?(?: an?| the| my| our)?(?: new)? (?:tasks?|to[ -]?dos?|reminders?) lists?(?: .{0,30})?",
        rf"(?:who|whom|which {CUSTOMERS}) (?:should|shall|do|must|could) (?:i|we)(?: (?:have|need) to)? (?:call|contact|talk to|speak (?:to|with)|reach out to|"
        r"focus on|look after|turn to|write to|visit)(?: .{0,20})?",
        r"(?:brief me|(?:daily |morning )?briefing|next best(?: actions?| five| customers?)?)(?: .{0,20})?",
    ),
    command(
        "leaderboard", "The engagement leaderboard", ("Show the engagement leaderboard", "Top 5 customers"),
        rf"{SHOW}(?:engagement )?(?:leaderboard|ranking|board|scores|(?P<bare>score))(?: top {TOP})?",
        rf"{SHOW}(?:top|best) {TOP}{REST}",
        rf"{SHOW}{TOP} (?:top|best){REST}",
        rf"{SHOW}(?:top|best|most engaged)(?: engaged)?(?: {CUSTOMERS})?",
        rf"who (?:is|are)(?: the| my| our)?(?: most)? engaged(?: most)?(?: {CUSTOMERS})?",
        rf"{SHOW}{CUSTOMERS}{THERE}",
    ),
    command(
        "tickets", "Tickets", ("Show TechFlow's tickets", "Which tickets are open?"),
        rf"{SHOW}(?:(?P<state>open|unsolved|unresolved|solved|resolved|closed|pending|new) )?(?:support )?tickets?"
        rf"(?: (?:need|without|waiting for|want|lack)(?: an?)? (?P<need>follow[ -]?ups?))?{THERE}(?: (?:of|for|from|by|with|at) (?P<who>.+))?",
        rf"{SHOW}(?:support )?tickets (?:are |that are |which are |is |s )?(?P<state>open|unsolved|unresolved|solved|resolved|closed|pending|new)"
        r"(?: (?:of|for|from|by|with|at) (?P<who>.+))?",
        rf"(?:did|does|has|have) (?P<who>{NOBODY}.+?) (?:have |had |got |opened? )?(?:any |an? )?(?:(?P<state>open|unsolved|unresolved|solved|resolved|closed|pending|new) )?"
        r"(?:support )?(?:tickets?|issues?)",
        rf"{SHOW}(?P<who>{NOBODY}.+?)(?: s)? (?:(?P<state>open|unsolved|unresolved|solved|resolved|closed|pending|new) )?(?:support )?tickets?",
    ),
    command(
        "customer", "Show a customer", ("Show customer TechCorp",),
        rf"{SHOW}(?P<who>{NOBODY}.+?)(?: s)? (?:engagement |health )?(?:scores?|health|details?|profile|overview|picture|status|summary|info)",
        r"(?:what(?: is| s)? |show |tell |give |check )?(?:me )?(?:the )?(?:engagement |health )?(?:scores?|health|status|details|profile|"
        r"overview|summary|picture|info|information|news|latest) (?:of|for|on|about|with|from) (?P<who>.+)",
        r"(?:what|how) about (?P<who>.+)", r"what(?: is| s)? (?:up|new|going on|happening) (?:with|at) (?P<who>.+)",
        r"how(?: s| is| are) (?P<who>(?!many|much|often|long|to\b).+?)(?: s)?(?: engagement| health| score)?(?: doing| going| looking)?",
        r"(?:show|open|find|compare|view|look up|look at|tell me about)(?: me)?(?: the)?(?: customers?)? (?P<who>.+)",
    ),
)  # fmt: skip
