"""What a cell says of whether somebody came, in the words people and programs use."""

from __future__ import annotations

import re
from collections.abc import Collection

from integrations.formats.headings import normalise

STATUS_HEADINGS = (
    "status|attendance status|attendance state|attended|attendance|participated|attendee status|attended event|present|checked in"
    "|participation|participation status|attended session|has attended|registration status|did attend|attended?|is checked in|estado"
    "|enrollment status|enrolment status|course status|completion status|attended y n|attended yes no"
    "|attended event y n|attended webinar|did they attend|showed up|presence|presence y n|present y n|teilnahme"
    "|teilgenommen|teilnahmestatus|anwesend|anwesenheit|statut|statut de presence|a participe|a assiste"
    "|present e|asistio|asistencia|presencia|compareceu|presenca|participou|presenza|stato|partecipazione"
    "|aanwezig|aanwezigheid|deelgenomen|obecnosc|narvaro|deltog|deltagit|出席|参加|ステータス"
    "|attendance percent|attendance percentage|participation percentage"
)
"""What the column is called, best first."""

_ATTENDED = (
    "attended|yes|y|present|completed|1|true|checked in|checkedin|joined|participated|complete|attend"
    "|attended live|live|in person|show|showed|passed|x|✓|✔|was present|on site|checked_in|watched"
    # in part, or late
    "|attended late|late|arrived late|joined late|came late|present late|left early|attended partially"
    "|partially attended|partial|partially|attended partial|partial attendance|attended in part"
    "|attended full|fully attended|full attendance|attended fully|visited|came|arrived|here|joined live"
    "|attended online|attended virtually|attended in person|attended on demand|on demand|watched recording"
    "|showed up|show up|walk in|walked in|badge scanned|scanned|1 0|t"
    # other languages
    "|teilgenommen|hat teilgenommen|anwesend|erschienen|ja|wahr|war da|dabei|teilweise teilgenommen"
    "|oui|present e|presente|a participe|participe|a assiste|assiste|vrai|venu|venue"
    "|si|sí|asistio|asistido|presentes|participo|verdadero"
    "|sim|compareceu|participou|verdadeiro|ha partecipato|partecipato|presenti|vero"
    "|aanwezig|deelgenomen|heeft deelgenomen|waar|tak|obecny|obecna|uczestniczyl|deltog|deltagit|deltok|narvarande"
    "|til stede|har deltaget|sann|はい|出席|参加|参加済み|是|出席した|да|ano|igen|evet"
)
_NO_SHOW = (
    "no show|noshow|no|n|absent|0|false|did not attend|not attended|missed|did not join|didn t attend"
    "|not present|no showed|unattended|not checked in"
    "|registered did not attend|registered no show|registered but did not attend|registered not attended"
    "|absent excused|excused|absent unexcused|unexcused|excused absence|did not show|did not show up"
    "|didn t show|didn t join|didn t show up|never joined|not joined|has not attended|not arrived|away|0 0|f"
    "|nicht teilgenommen|hat nicht teilgenommen|nicht erschienen|abwesend|nein|falsch|fehlt|gefehlt|entschuldigt"
    "|unentschuldigt|nicht anwesend|non|absente|n a pas participe|n a pas assiste|pas venu|faux|excuse|excusee"
    "|non present|ausente|no asistio|no asistido|no participo|falso|nao|nao compareceu|faltou|assente"
    "|non ha partecipato|non partecipato|afwezig|niet aanwezig|nee|niet deelgenomen|onwaar|nie|nieobecny|nieobecna"
    "|deltog ikke|deltog inte|nej|nei|franvarande|ikke til stede|いいえ|欠席|不参加|未参加|否|нет|hayir|nem"
)
_REGISTERED = (
    "registered|invited|accepted|approved|confirmed|enrolled|signed up|rsvp|rsvp yes|attending|pending"
    "|pending approval|waitlist|waitlisted|waiting|tentative|not completed|in progress|going|booked"
    "|sent|responded|no response|maybe|interested|undecided|subscribed|not started|started|registrant"
    "|angemeldet|eingeladen|bestatigt|zugesagt|warteliste|inscrit|inscrite|invite|invitee|confirme|en attente"
    "|registrado|registrada|inscrito|inscrita|invitado|invitada|confirmado|confirmada|pendiente|registrato|iscritto"
    "|invitato|confermato|convidado|pendente|aangemeld|ingeschreven|uitgenodigd|zarejestrowany|tilmeldt|anmald|pameldt"
    "|登録済み|招待済み"
)
_CANCELLED = (
    "cancelled|canceled|cancel|withdrawn|unregistered|refunded|transferred|not attending|deleted"
    "|cancelled by attendee|dropped|rsvp no|not going"
    "|abgesagt|storniert|abgemeldet|annule|annulee|desinscrit|cancelado|cancelada|annullato|cancellato"
    "|geannuleerd|afgemeld|anulowano|afmeldt|avanmald|キャンセル|キャンセル済み"
)
_DECLINED = "declined|denied|rejected|refused|abgelehnt|refuse|refusee|rechazado|recusado|rifiutato|afgewezen|odrzucono|辞退"

STATUSES: dict[str, str] = {
    normalise(spelling) or spelling: status
    for status, spellings in (
        ("attended", _ATTENDED),
        ("no_show", _NO_SHOW),
        ("registered", _REGISTERED),
        ("cancelled", _CANCELLED),
        ("declined", _DECLINED),
    )
    for spelling in spellings.split("|")
}
ANSWERS = ("attended", "no_show", "registered", "cancelled")
"""What somebody can say that a word means which is not among these."""
_PARTS = re.compile(r"\s[-–—]\s|[–—:,;/()\[\]|]")
_DATED = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_ROLL_CALLS = (
    {"p": "attended", "a": "no_show"},
    {"o": "attended", "n": "no_show"},
    {"j": "attended", "n": "no_show"},
    {"s": "attended", "n": "no_show"},
)
"""Present and absent, oui and non, ja and nein, sí and no; one letter alone may be anything."""


def status(text: str) -> str | None:
    """attended, no_show, registered, cancelled or declined; None for words that are not known.

    “Absent (other duties)” is absent: what is added counts only where it is known. Who is
    registered and came, came; other contradictions are not known.
    """
    whole = STATUSES.get(folded(text))
    if whole is not None or _DATED.search(text):
        return whole
    parts = [part for part in map(str.strip, _PARTS.split(text)) if part]
    said = [STATUSES.get(normalise(part) or part) for part in parts]
    if len(said) < 2 or said[0] is None:
        return None
    found = {one for one in said if one is not None}
    if len(found) > 1:
        found.discard("registered")
    return found.pop() if len(found) == 1 else None


def folded(word: str) -> str:
    """The word as an answer about it is kept: however it is spelled."""
    return normalise(word) or word.strip()


def roll_call(words: Collection[str]) -> dict[str, str]:
    """What single letters mean in a column that has both of a pair."""
    letters = {word.strip().casefold() for word in words}
    pair = next((pair for pair in _ROLL_CALLS if pair.keys() <= letters), {})
    return {word: pair[key] for word in words if (key := word.strip().casefold()) in pair}
