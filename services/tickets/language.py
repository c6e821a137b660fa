"""Whether a text is English, which is all that its tone can be judged in.

By the small words of a language: a few sentences are enough, and what is too short to say is not taken
for English.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SMALL_WORDS = (
    "the and you your this that with have has are our my but can be please been from they there when would"
    " what still after why how of to us thanks thank hello again now it is we i it's i'm don't can't isn't"
    " doesn't won't you're we're didn't which their will all any not since because about just only get got"
    " had were was if or than then nobody everything works working"
)
_ENGLISH = frozenset(_SMALL_WORDS.split())
# Without words that English has as well.
_OTHERS = (
    "der das und ist nicht ich wir sie mit für auf ein eine einen dem den von zu bei nach auch wie noch seit"
    " haben hat wird werden sind kein keine bitte danke unser unsere uns aber oder wenn es im zum zur mehr",
    "le la les des est et une pas nous vous je ce cette pour avec dans sur qui que ne plus depuis mais bonjour"
    " merci notre votre du au aux sont été",
    "el los las una por para con que no se es está nuestro nuestra desde pero gracias hola muy cuando como del"
    " al más todavía",
    "il lo gli una per con che non è sono da del della nostro ma grazie ciao ancora quando come più questo",
    "o os as uma por para com que não é está nosso desde mas obrigado olá ainda quando como do da ao mais",
    "het een van niet dat wij ik met voor op zijn maar bedankt nog naar bij ook onze wordt worden geen",
    "och att det som på är inte för med vi jag till av har den ett från tack men vår kan",
    "og at det som på er ikke for med vi jeg til av har den et fra takk tak men vår vores kan",
)
_FOREIGN = tuple(frozenset(words.split()) - _ENGLISH for words in _OTHERS)
_LONG = 8
"""From so many words on, a share of them has to be English small words."""
_LEAST_SHARE = 0.15


def is_english(text: str) -> bool:
    """False also when there are no words, or too few to tell."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
    if not words or sum(not word.isascii() for word in words) > len(words) / 3:
        return False
    english = sum(word in _ENGLISH for word in words)
    foreign = max(sum(word in one for word in words) for one in _FOREIGN)
    if not english or foreign >= english:
        return False
    return len(words) < _LONG or english / len(words) >= _LEAST_SHARE


def is_foreign(text: str) -> bool:
    """Whether small words of another language show; of a few words, for which `is_english` has too little."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
    return any(word in one for word in words for one in _FOREIGN)
