"""The tone of tickets: the customer's words alone, and unknown where nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.language import is_english
from services.tickets.own_words import own_words
from services.tickets.sentiment import tone

CALM = [
    "Could you kill the process on node 4? It hangs and we have to abort the job.",
    "The worker crashed with a fatal error and the child process died. What should we do?",
    "The sync fails with 429, see the log below. We see many failed requests since this morning.",
    "We get an error when we delete a user. Is this a known bug?",
    "Thanks, this works now. You can close the ticket.",
    "How do I terminate a session that is stuck? The master cannot drop the slave.",
    "I am no longer frustrated, it works.",
    "We use another identity provider: is SAML possible with it?",
    "Is it possible to switch to another provider for SSO login in the settings?",
    "I would like a full refund for the duplicate charge please, thank you.",
    "Please cancel my subscription to the newsletter of this ticket.",
    "We are moving to Azure next month, what do we have to change?",
    "The new layout is acceptable to us, thank you.",
    "We are moving to batches because of this, is that fine?",
    "We are considering alternatives to CSV for the export, is JSON possible?",
    "We are looking at alternatives to the nightly job. Which one do you recommend?",
    "The connector will not renew the token. Which setting is it?",
    "The subscription will not renew, can you check what is wrong with the card?",
    "We could not renew our subscription, the payment page shows a blank screen.",
    "We will not renew the old API key, we make a new one.",
    "The client is not renewing its certificates by itself, how is that switched on?",
]
NEGATIVE = [
    "This is the third time that we have to report the same thing.",
    "We still have no response from you since Monday.",
    "I am very disappointed by how this was handled.",
    "It is still not working and our people have been waiting for days.",
    "Great, so it broke again. How many times do we have to explain this?",
]
ANGRY = [
    "This is unacceptable. We lose customers because of you.",
    "If this is not fixed by Friday, we are moving to another vendor.",
    "We will cancel our contract if this goes on.",
    "We have lost all confidence in your team.",
    "I am fed up with this, it is a waste of our time.",
    "There is no reason to renew with you after this.",
    "This is not acceptable.",
    "You have lost us as a customer.",
    "We're moving to Salesforce because of this.",
    "We demand a full refund, this has been going on for too long.",
    "We are now looking at another vendor for our support.",
    "We will not be renewing.",
    "We won't be renewing our contract.",
    "We will not renew.",
    "We're not going to renew our licenses after this.",
    "We have decided not to renew with you.",
    "I don't plan to renew.",
    "We are considering alternatives.",
    "We are considering alternatives to your product.",
]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        *((text, "calm") for text in CALM),
        *((text, "negative") for text in NEGATIVE),
        *((text, "angry") for text in ANGRY),
    ],
)
def test_tone_is_what_a_person_would_say(text: str, level: str):
    assert tone([text]).level == level


@pytest.mark.parametrize(
    "text",
    [
        "Das ist inakzeptabel, wir warten seit drei Tagen auf eine Antwort.",
        "Hallo, der Export nach Excel funktioniert nicht. Bitte um Hilfe, danke.",
        "Nous attendons depuis une semaine et le problème n'est pas résolu.",
        "Seguimos esperando una respuesta desde el lunes, no es aceptable.",
        "导出不起作用",
        "429 429 429",
        "",
    ],
)
def test_what_is_not_english_is_unknown_and_not_calm(text: str):
    assert tone([text]).level == "unknown"


def test_quoted_apology_of_an_agent_is_not_the_customers_anger():
    agent = "I am so sorry, this is unacceptable and I understand that you are frustrated."
    quoted = f"Thank you, that helped.\n\nOn Mon, 26 Jan 2026 at 09:12 <help@desk.example> wrote:\n> {agent}"
    unmarked = f"{agent}\n\nThank you, that helped us and it works now."
    assert tone([quoted], [agent]).level == "calm"
    assert tone([unmarked], [agent]).level == "calm"
    assert tone([f"Your colleague wrote “{agent}” and then it worked."]).level == "calm"


def test_log_lines_are_nobodys_words():
    text = (
        "The job stops, please have a look at this.\n"
        "2026-01-23 09:14:02 FATAL worker: unacceptable state, giving up, terrible awful failure\n"
        "ERROR: this is ridiculous\n"
        "java.lang.IllegalStateException: useless\n"
        "    at com.acme.Sync.run(Sync.java:12)\n"
        "```\npathetic horrible hate\n```\n"
        "Can you tell us what it is?"
    )
    assert tone([text]).level == "calm"
    assert own_words(text) == (
        "The job stops, please have a look at this.\nCan you tell us what it is?"
    )


def test_signature_is_left_out():
    text = (
        "It is fine now.\n\nBest regards\nDana\nThe Unacceptable Losses Company, Legal action team"
    )
    assert own_words(text) == "It is fine now."


def test_how_it_ended_weighs_double():
    angry = "This is unacceptable, we have had enough."
    fine = "Thank you, it works now and we are happy."
    assert tone([angry, fine, fine, fine]).level == "calm"
    assert tone([fine, fine, fine, angry]).level == "negative"
    assert tone([fine, angry, angry]).level == "angry"
    assert tone([angry]).level == "angry"


def test_phrases_are_told_in_the_customers_own_spelling():
    told = tone(["This is Unacceptable. It is the third time."])
    assert told.phrases == ("Unacceptable", "third time")


@given(st.lists(st.text(max_size=300), max_size=5), st.lists(st.text(max_size=100), max_size=3))
def test_any_text_has_a_tone(customer: list[str], agents: list[str]):
    assert tone(customer, agents).level in {"unknown", "calm", "negative", "angry"}


@given(st.text(max_size=300))
def test_what_agents_say_alone_is_never_judged(text: str):
    assert tone([], [text]).level == "unknown"


def test_short_thanks_are_english_and_a_short_nothing_is_not():
    assert is_english("Thanks, works now!")
    assert not is_english("Umlaute in Berichten fehlen")
    assert not is_english("Danke!")
