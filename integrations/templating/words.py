"""A mail's words as templates: what they may contain, and how values enter them.

They know values, `if` and `for`, and a handful of filters: no calls, no includes, no arithmetic, so
that the words of the product and those typed into the app are the same language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from data.errors import BadInput
from integrations.templating.markup import fragment

LONGEST_OUTPUT = 200_000
"""Characters of one mail's text or HTML."""
FILTERS = (
    "capitalize",
    "default",
    "e",
    "escape",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "trim",
    "truncate",
    "upper",
)
_OF_TEXT = ("capitalize", "e", "escape", "join", "lower", "rich", "trim", "truncate", "upper")
TESTS = ("defined", "undefined", "none", "string", "number", "sequence")
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Tuple,
    nodes.EvalContext,
)
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_GAPS = re.compile(r"\n{3,}")
_FOREIGN = re.compile(
    r"""<[a-z][^<>]*?\s(?:href|src|action)\s*=\s*(?!["'](?:https?://|mailto:))""", re.IGNORECASE
)
_BETWEEN = "\x00\x00"
"""Parts the subject from the text; a value with it can at worst move its own words."""
_NAMED = re.compile(r"'([^']{1,80})'")


@dataclass(frozen=True)
class Words:
    """The three parts of a template, as written."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Filled:
    """The three parts with values in them; `html` is a fragment without a layout."""

    subject: str
    text: str
    html: str


Fill = Callable[[Mapping[str, Any]], Filled]


class _PlainValues(ImmutableSandboxedEnvironment):
    """Looks into dicts and lists by key and place, and into nothing else: no attribute of an object is in
    reach, none is called. The check of the syntax refuses most of it already; this is the second wall."""

    intercepted_binops = frozenset({"*", "**", "%", "+", "-", "/", "//"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        reachable: Any = obj if isinstance(obj, dict if isinstance(argument, str) else list) else {}
        with suppress(LookupError, TypeError):
            return reachable[argument]
        return self.undefined(obj=obj, name=str(argument))

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        raise SecurityError(f"the sign {operator} cannot be used")


def compiled(words: Words) -> Fill:
    """How to fill these words; compile once, fill often.

    Filling raises BadInput that names a value which is missing or cannot be used. Words from the app can
    still take time and memory without end: they are compiled in the limited child process only.
    """
    plain, marked = _environment(marked=False), _environment(marked=True)
    _checked(plain, words.subject, "subject")
    _checked(plain, words.text, "text")
    _checked(marked, words.html, "HTML")
    # One template for both plain parts: half of what a short mail costs is the start of a rendering.
    heads = _template(plain, f"{words.subject}{_BETWEEN}{words.text}")
    html = _template(marked, words.html)

    def fill(values: Mapping[str, Any]) -> Filled:
        try:
            subject, _, text = heads.render(values).partition(_BETWEEN)
            return Filled(
                one_line(subject),
                tidy(text),
                _safe_links(_cut(_HIDDEN.sub("", html.render(values).strip()))),
            )
        except UndefinedError as missing:
            named = _NAMED.findall(str(missing))
            what = named[-1] if named else "a value"
            raise BadInput(f"The mail cannot be written: {what} is missing.") from None
        except (TemplateError, TypeError, ValueError, OverflowError) as error:
            raise BadInput(f"The mail cannot be written: {_said(error)}.") from None

    return fill


def placeholders(words: Words) -> frozenset[str]:
    """The names of the values that these words ask for; BadInput when they cannot be read."""
    found: set[str] = set()
    environment = _environment(marked=False)
    for part, source in (("subject", words.subject), ("text", words.text), ("HTML", words.html)):
        found |= meta.find_undeclared_variables(_checked(environment, source, part))
    return frozenset(found)


def one_line(text: str) -> str:
    """A subject: no line ends, no hidden or direction-changing characters."""
    return " ".join(_HIDDEN.sub("", text).split())


def tidy(text: str) -> str:
    """A text body: plain line ends, no hidden characters, no blanks at line ends, no wide gaps."""
    said = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    lines = "\n".join(line.rstrip(" \t") for line in said.split("\n"))
    return _cut(_GAPS.sub("\n\n", lines).strip() + "\n")


def _environment(*, marked: bool) -> Environment:
    made = _PlainValues(
        autoescape=marked,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
        finalize=_known,
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.filters["rich"] = _rich if marked else str
    made.filters |= {name: _of_known(made.filters[name]) for name in _OF_TEXT}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


def _known(value: Any) -> Any:
    """A value that is not known says nothing: never "None", where words forget to ask for it first."""
    if isinstance(value, list):
        return [one for one in value if one is not None]
    return "" if value is None else value


def _of_known(made: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, to which a value that is not known is an empty text."""
    place = 1 if hasattr(made, "jinja_pass_arg") else 0

    @wraps(made)
    def asked(*given: Any, **more: Any) -> Any:
        return made(*given[:place], _known(given[place]), *given[place + 1 :], **more)

    return asked


def _rich(text: object) -> Markup:
    """A text that a person typed, with its paragraphs, lists and links; in the text part it stays as it is."""
    return Markup(fragment(str(text)))  # noqa: S704 - made of escaped pieces


def _template(environment: Environment, source: str) -> Template:
    made = environment.from_string(source)
    made.globals = {}  # an empty chain of dictionaries otherwise, walked for each mail
    return made


def _checked(environment: Environment, source: str, part: str) -> nodes.Template:
    try:
        tree = environment.parse(source)
        environment.compile(tree)  # unknown filters and tests show here
    except (TemplateSyntaxError, TemplateError) as error:
        line = getattr(error, "lineno", None)
        where = f"{part}, line {line}" if line else part
        raise BadInput(f"The {where} cannot be read: {_said(error)}.") from None
    except RecursionError:
        raise BadInput(f"The {part} nests too deep. Write it in simpler steps.") from None
    _refuse_others(tree, part)
    return tree


def _refuse_others(tree: nodes.Template, part: str) -> None:
    for node in _all(tree):
        if not isinstance(node, _ALLOWED):
            raise BadInput(
                f"The {part}, line {node.lineno}, uses {type(node).__name__.lower()}. Only values, "
                "if, for and the filters named below can be used."
            )
        if isinstance(node, nodes.Name | nodes.Getattr):
            name = node.name if isinstance(node, nodes.Name) else node.attr
            if name.startswith("_") or name in ("self", "super", "caller", "varargs", "kwargs"):
                raise BadInput(f"The {part}, line {node.lineno}, uses {name}, which is no value.")


def _all(tree: nodes.Node) -> Iterable[nodes.Node]:
    yield from tree.find_all(nodes.Node)


def _safe_links(html: str) -> str:
    if _FOREIGN.search(html):
        raise BadInput("A link in the mail does not begin with https://. Correct that address.")
    return html


def _cut(text: str) -> str:
    if len(text) > LONGEST_OUTPUT:
        raise BadInput("The mail would be longer than 200,000 characters. Shorten it.")
    return text


def _said(error: Exception) -> str:
    return (str(error).rstrip(".") or type(error).__name__)[:200]
