"""Answers that nobody wrote, known by their words alone, and people who only use the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.inbox.automatic import is_automatic
from integrations.inbox.reading import read
from tests.support import letters

ME = "Dana Example <dana@ours.example>"
SUBJECTS = [
    "Odpowiedź automatyczna: Raport",
    "AUTO: Maria Lopez is out of the office (returning Mon 12/01/2026)",
    "[EXTERNAL] Automatic reply: Your report",
    "Automatisk svar: Rapport",
    "Automatická odpověď: Zpráva",
    "Автоматический ответ: Отчёт",
    "Автоматична відповідь: Звіт",
    "Αυτόματη απάντηση: Αναφορά",
    "Otomatik yanıt: Rapor",
    "Automatikus válasz: Jelentés",
    "自動返信: レポート",
    "자동 회신: 보고서",
    "自动答复: 报告",
    "رد تلقائي: تقرير",
    "תשובה אוטומטית: דוח",
    "ตอบกลับอัตโนมัติ: รายงาน",
]
NOTICES = [
    ("Nieobecność w biurze: Raport", "Jestem na urlopie do 12 stycznia."),
    ("Maria Lopez is out of the office", "I am out of the office until January 12."),
    ("OOO: back on Monday", "I'm on vacation until Monday."),
    ("Absence : Votre rapport", "Je suis absente jusqu'au 12 janvier."),
]
AWAY = {
    "en, with a footer": "Hello,\n\nI am out of office until 24/11. In urgent cases please write to Tom.\n\n"
    "Best regards\nMaria Rossi\nCTO, TechCorp\nwww.techcorp.example | +49 30 1234\n\n"
    "This e-mail has been automatically scanned for viruses.",
    "de, back from": "Ich bin derzeit nicht im Büro und ab dem 3. März wieder erreichbar. In dringenden Fällen wenden Sie sich bitte an Tom.",
    "en": "Hello,\n\nThank you for your message. I am out of the office until January 12 with limited access to\n"
    "e-mail. For urgent matters please contact Tom at tom@techcorp.example.\n\nBest regards,\nMaria Lopez",
    "en, one line": "I'm currently on annual leave and will respond to your email when I return.",
    "en, but": "I am on vacation until Monday, but I will reply as soon as I am back.",
    "en, says so": "Hi! This is an automated response. Maria no longer handles reports, ask Tom.",
    "de": "Sehr geehrte Damen und Herren,\n\nvielen Dank für Ihre Nachricht. Ich bin bis zum 12. Januar nicht im Büro.\n"
    "Ihre E-Mail wird nicht weitergeleitet. In dringenden Fällen wenden Sie sich bitte an Frau Weber.\n\nMit freundlichen Grüßen\nMaria Lopez",
    "de, says so": "Dies ist eine automatische Antwort. Ich lese meine Mails wieder im Januar.",
    "fr": "Bonjour,\n\nJe suis absente jusqu'au 12 janvier. En cas d'urgence, merci de contacter Tom.\n\nCordialement,\nMaria",
    "es": "Hola,\n\nEstaré fuera de la oficina hasta el 12 de enero. Para casos urgentes escriba a Tom.\n\nSaludos",
    "it": "Buongiorno,\n\nsono in ferie fino al 12 gennaio. Per urgenze scrivere a Tom.\n\nCordiali saluti",
    "pt": "Olá,\n\nEstou de férias até 12 de janeiro. Em caso de urgência, contacte o Tom.\n\nObrigada",
    "nl": "Beste afzender,\n\nIk ben tot 12 januari niet op kantoor. Voor dringende zaken kunt u Tom bellen.\n\nGroet",
    "pl": "Dzień dobry,\n\nJestem na urlopie do 12 stycznia. W pilnych sprawach proszę o kontakt z Tomem.\n\nPozdrawiam",
    "sv": "Hej,\n\nJag är på semester och är tillbaka den 12 januari.\n\nHälsningar",
    "ru": "Здравствуйте!\n\nЯ нахожусь в отпуске до 12 января. По срочным вопросам обращайтесь к Тому.",
    "ja": "休暇をいただいております。緊急の場合は田中までご連絡ください。",
    "zh": "您好，\n我正在休假。如有急事，请联系汤姆。",
    "ko": "안녕하세요\n휴가 중입니다. 긴급한 용무는 톰에게 연락 바랍니다.",
}
TAKEN_IN = [
    ("[Ticket #123] We received your message", "A colleague will look at it."),
    (
        "[Ticket #123] Your report",
        "Hello,\n\nWe have received your request and will get back to you within a day.\n\nTechCorp Support",
    ),
    (
        "Your report [#4711]",
        "Thank you for contacting us. Your ticket has been created.\nTo add comments, reply to this email.",
    ),
    ("Your request (4711) has been received", "Somebody will be with you."),
    (
        "Ihre Anfrage [Ticket#2026112210001]",
        "Guten Tag,\n\nIhre Anfrage ist bei uns eingegangen. Wir melden uns.\n\nIhr Support",
    ),
    ("Ticket 4711", "Nous avons bien reçu votre demande."),
]
PEOPLE = [
    "I am on vacation until Monday, let's talk on Tuesday.",
    "I'm on vacation until Monday.",
    "Thanks Dana! I'm out of the office until the 12th. Thursday after that works. For urgent matters call Tom.",
    "I am on vacation until January 12, but yes, please go ahead.",
    "Hi Dana,\n\nI am out of the office this week. For urgent matters please contact Tom.\n\nMaria",
    "I am out of the office until Monday. For urgent matters contact Tom. Could you send the slides meanwhile?",
    "Ich bin bis zum 12. Januar im Urlaub. Donnerstag danach passt mir gut. In dringenden Fällen hilft Tom.",
    "Je suis en vacances la semaine prochaine, donc plutôt le 12.",
    "Jestem na urlopie do piątku. Proszę wysłać ofertę w poniedziałek.",
    "Sounds good, I'm on vacation from Friday but will get back to you when I return.",
    "I am on vacation next week. I'll get back to you when I am back.",
    "Yes, go ahead. I am out of the office and will be back on Monday.",
    "Thank you for your message. I am on leave and will be back on Monday. I approve the offer.",
    "Approved\n\nI am on vacation and will be back on Monday.",
    "Ich bin nächste Woche im Urlaub und melde mich nach meiner Rückkehr.",
    "Please cancel our contract. I'm on leave; for urgent matters contact Tom.",
    "Is this an automated message?",
    "Our automatic reply said you would call. Nobody did.",
    "We set up the out-of-office for everybody, thank you for your help.",
    "We received your report and like it. Thursday works.",
    "Yes, go ahead.\n\nI am on leave from Friday. In urgent cases contact Tom.",
    "We have received your proposal and will get back to you next week.",
    "Vacation rental is our main business, so the webinar on urgent bookings was great.",
    "",
]

TYPED = [
    ("Re: Q3", "Please call me at 4.\n\nMaria\n\nThis email has been automatically scanned for viruses."),
    ("AW: Q3", "Bitte rufen Sie mich an.\n\nGruß\nMaria\n\nDiese E-Mail wurde automatisch auf Viren geprüft."),
    ("Re: Q3", "Thanks Dana, go ahead.\n\nThis message was automatically encrypted by Proton."),
    ("Re: Q3", "Ich bin ab Montag im Urlaub. Bitte wenden Sie sich wegen der Kündigung an Tom."),
    ("Re: Q3", "I will be on maternity leave from 1 May. Tom takes over, please contact him in my absence."),
    ("Re: Q3", "The office is closed on Friday. Contact me in urgent cases, otherwise Thursday suits."),
    ("Out of office next week - can we move our call?", "Hi Dana,\n\ncan we move to the 14th?\n\nMaria"),
    ("On leave until March, Tom takes over", "Hi Dana,\n\nTom will sign the renewal.\n\nMaria"),
    ("Re: Q3", "This is an auto-renewal notice you sent us. We do not want to renew. Please cancel."),
    ("Re: Q3", "Please do not reply to this email with everybody in copy. Let's talk on Monday."),
    ("Re: Q3", "We're in.\n\nPlease do not respond to this message with confidential data."),
    ("Re: Q3", "I'm on holiday, call Tom."),
    ("Re: Q3", "I am away until Monday. We will not renew."),
    ("Re: Q3", "I am out of the office until Monday and will sign the contract when I return. For urgent matters contact Tom."),
    ("Re: Q3", "I am out of the office until Monday. In urgent cases contact Tom, we have made up our mind."),
    ("Re: Q3", "I am out of the office until Monday. In urgent cases contact Tom.\nWe stay"),
    ("Re: Q3", "I am away until Monday and not happy with the service. In urgent cases contact Tom."),
    ("Re: Q3", "I'm out of the office until Monday. Contact Tom in urgent cases, the system is down."),
    ("Re: Q3", "Ich bin im Urlaub. In dringenden Fällen hilft Tom, der Rest passt."),
    ("Re: Q3", "This is an automated response to say we leave."),
    ("Re: Q3", "I'm currently out of office, will return Monday, let us speak then."),
    ("Re: Q3", "Thank you for your email, it helped us a lot. I am on leave and will be back on Monday."),
    ("Re: Q3", "I am on leave until 3 March, please contact Tom (tom@techcorp.example) about the renewal."),
    ("Offer", "We have received your offer, ref [#4711]. We will get back to you with the signed contract."),
    ("Automatic response rates down", "Our automatic response rates are down, please look."),
    ("Auto-reply feature broken", "Your auto-reply feature is broken since Monday."),
    ("Automatic reply: Your report", "Hi Dana, I wrote this one myself."),
    ("Automatic reply: Your report", "Could you call me?"),
    ("Vacation notice", "I quit. Last day Friday."),
    ("Out of office", "We leave you."),
    ("Out of office: Your report", ""),
    ("Absence: who covers for you?", "who covers for you while you're away"),
    ("Ausencia de datos en el panel", "Faltan datos de marzo."),
    ("Poissaolot raportissa", "Raportti puuttuu."),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), TYPED)
def test_person_who_sounds_like_a_machine_is_a_person(subject: str, text: str):
    assert not read(letters.reply("abc@ours.example", subject=subject, text=text)).automatic


@pytest.mark.parametrize(("subject", "text"), NOTICES)
def test_subject_that_people_type_too_counts_with_the_words_below_it(subject: str, text: str):
    assert is_automatic(subject, text, ME)
    assert not is_automatic("Re: Your report", text, ME)


def test_letter_that_a_header_calls_automatic_is_not_told_by_its_words():
    raw = letters.reply("abc@ours.example", headers="Auto-Submitted: auto-replied\r\n")
    told = [read(raw), read(letters.reply("abc@ours.example", text=AWAY["en"]))]
    assert [(one.automatic, one.by_words) for one in told] == [(True, False), (True, True)]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_automatic_answer_is_known_by_how_its_subject_begins(subject: str):
    assert is_automatic(subject, "", ME)


@pytest.mark.parametrize("which", AWAY)
def test_absence_told_in_the_body_alone_is_no_reply(which: str):
    raw = letters.reply("abc@ours.example", text=AWAY[which])
    assert read(raw).automatic


@pytest.mark.parametrize(("subject", "text"), TAKEN_IN)
def test_help_desk_that_took_the_letter_in_has_not_replied(subject: str, text: str):
    assert read(letters.reply("abc@ours.example", subject=subject, text=text)).automatic


@pytest.mark.parametrize("subject", ["Re: Your report", "Your report", "Re: [Ticket #123] Ours"])
@pytest.mark.parametrize("text", PEOPLE)
def test_person_who_mentions_the_same_is_a_person(subject: str, text: str):
    if "We have received" in text and "Ticket" in subject:
        return
    assert not read(letters.reply("abc@ours.example", subject=subject, text=text)).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Automatic reply to our customers",
        "AW: Abwesenheitsnotiz einrichten",
        "Re: [Ticket #123] We received your message",
        "Automation day: a seat for you",
        "Your request is solved: anything left open?",
        "Absent friends: a seat for you",
        "Vacation planning: how to catch up",
    ],
)
def test_subject_of_ours_or_of_an_answer_to_it_says_nothing(subject: str):
    assert not is_automatic(subject, "Yes, Thursday works.", ME)


def test_long_letter_has_something_to_say():
    words = AWAY["en"].replace("Best regards", "I will be back soon. " * 80 + "Best regards")
    assert not is_automatic("Re: Your report", words, ME)


@given(st.text(max_size=300), st.text(max_size=1_500), st.text(max_size=60))
def test_any_words_are_judged(subject: str, text: str, addressed: str):
    assert is_automatic(subject, text, addressed) in (True, False)
