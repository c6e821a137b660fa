"""The rules of the house that a linter cannot know, each as a function that names what breaks it.

Every function takes a file's path inside the project (and its text where it reads it) and gives back
sentences; none when all is well.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("pages", "components", "api", "worker", "services", "integrations", "data")
FEATURES = ("attendance", "scoring", "invitations", "campaigns", "tickets")

LONGEST = {
    "pages": 120,
    "components": 150,
    "integrations": 300,
    "api": 200,
    "worker": 200,
    "services": 300,
    "data": 300,
    "bench": 300,
    "app.py": 100,
    "admin.py": 300,
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "shared", "tools"}
# What a feature must not be called, because it already has its word.
SYNONYMS = {
    "attendances": "attendance",
    "attended": "attendance",
    "attendees": "attendance",
    "score": "scoring",
    "scores": "scoring",
    "invitation": "invitations",
    "invites": "invitations",
    "campaign": "campaigns",
    "ticket": "tickets",
    "accounts": "customers",
    "contacts": "stakeholders",
    "imports": "uploads",
}
# Routers that serve no feature and no noun of the spine.
API_FURNITURE = {"hooks", "tracking", "health", "whoami"}
COMMITTERS = {"data/db.py", "data/migrations/env.py"}
UNSAFE_KEYWORDS = {
    "unsafe_allow_html",
    "unsafe_allow_javascript",
    "allow_unsafe_jscode",
    "enable_enterprise_modules",
}
UNSAFE_NAMES = {"JsCode"}
CALLED_BACK = {"map_elements", "map_batches", "map_groups", "map_rows", "rolling_map"}


def python_files(*places: str) -> Iterator[str]:
    """Paths of the project's own Python files, or of those in `places`."""
    for place in places or (*ROOMS, "bench", "app.py", "admin.py"):
        found = ROOT / place
        yield from (
            str(PurePosixPath(p.relative_to(ROOT)))
            for p in ([found] if found.is_file() else sorted(found.rglob("*.py")))
            if "versions" not in p.parts
        )


def too_long(path: str, text: str) -> list[str]:
    limit = LONGEST.get(PurePosixPath(path).parts[0])
    lines = text.count("\n")
    if limit is None or lines <= limit:
        return []
    return [f"{path} has {lines} lines, {limit} are allowed: make it a package of the same name"]


def vague_name(path: str) -> list[str]:
    pure = PurePosixPath(path)
    words = {*pure.parts[:-1], pure.stem}
    return [f"{path}: '{word}' does not say what is in it" for word in sorted(words & VAGUE)]


def second_word(path: str) -> list[str]:
    """One word per feature and noun, in every room."""
    parts = PurePosixPath(path).with_suffix("").parts
    if len(parts) < 2 or parts[1] not in SYNONYMS:
        return []
    return [f"{path}: the word for this is '{SYNONYMS[parts[1]]}'"]


def homeless_router(path: str, nouns: Iterable[str]) -> list[str]:
    """One router per feature or noun: a file of api/routers/ has a namesake among `nouns`."""
    pure = PurePosixPath(path)
    if pure.parts[:2] != ("api", "routers") or pure.stem in {"__init__", *API_FURNITURE, *nouns}:
        return []
    return [f"{path}: nothing in services or data is called '{pure.stem}'"]


def ends_a_transaction(path: str, text: str) -> list[str]:
    """Only transaction() commits or rolls back; `engine.begin()` would do both.

    A service may well be called `commit`; it takes arguments, a session's does not.
    """
    if path in COMMITTERS:
        return []
    return [
        f"{path}:{call.lineno} calls .{call.func.attr}(); only data/db.py does"
        for call in _calls(text)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"commit", "rollback", "begin"}
        and not (call.args or call.keywords)
    ]


OWN_FRAME = ("components/browser_bridge.py", "streamlit.components.v1", ["declare_component"])
"""The one place that runs script: from our own files, never from a string."""


def unsafe_drawing(path: str, text: str) -> list[str]:
    """Nothing that lets a cell, a name or a mail put HTML or script into the page."""
    found = [
        f"{path}:{call.lineno} passes {word.arg}"
        for call in _calls(text)
        for word in call.keywords
        if word.arg in UNSAFE_KEYWORDS and not _is_false(word.value)
    ]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [alias.name for alias in node.names]
            module = getattr(node, "module", None) or ""
            if (path, module, names) == OWN_FRAME:
                continue
            if UNSAFE_NAMES & set(names) or any("components.v1" in f"{module}.{n}" for n in names):
                found.append(f"{path}:{node.lineno} imports {', '.join(names)}")
        elif isinstance(node, ast.Attribute) and ast.unparse(node).endswith("components.v1"):
            found.append(f"{path}:{node.lineno} uses components.v1")
    return found


def own_clock(path: str, text: str) -> list[str]:
    """Moments are told in the reader's zone, which `components/moments.py` alone knows."""
    if path == "components/moments.py":
        return []
    return [
        f"{path}:{node.lineno}: use components.moments for {node.attr}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and (
            node.attr == "DatetimeColumn"
            or (node.attr == "timezone" and ast.unparse(node.value).endswith("context"))
        )
    ]


def escaped_choice(path: str, text: str) -> list[str]:
    """The options of a select box are no Markdown: what `plain` escapes would be read with its backslashes."""
    return [
        f"{path}:{call.lineno}: options of {call.func.attr} are shown as they are, without plain"
        for call in _calls(text)
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"selectbox", "multiselect"}
        for keyword in call.keywords
        if keyword.arg == "format_func" and "plain(" in ast.unparse(keyword.value)
    ]


def table_of_markdown(path: str, text: str) -> list[str]:
    """The cells of `st.table` are Markdown: one place makes plain text of what stands in them."""
    if path == "components/paper.py":
        return []
    return [
        f"{path}:{call.lineno} draws a table of Markdown; use components.paper"
        for call in _calls(text)
        if ast.unparse(call.func) == "st.table"
    ]


def chosen_by_place(path: str, text: str) -> list[str]:
    """Browsers name chosen rows by their places: one mechanism keeps a choice with what was shown there."""
    if path == "components/selection.py":
        return []
    return [
        f"{path}:{call.lineno} takes a choice by its place"
        for call in _calls(text)
        if any(word.arg == "on_select" for word in call.keywords)
    ]


def called_back_by_polars(path: str, text: str) -> list[str]:
    """A worker of polars that calls Python waits for the interpreter's lock. Other calls, `to_pandas` among them, wait
    for a worker and hold it: with as many such workers as cores the whole server stands still, for ever."""
    return [
        f"{path}:{call.lineno} lets polars call Python"
        for call in _calls(text)
        if isinstance(call.func, ast.Attribute) and call.func.attr in CALLED_BACK
    ]


def asks_a_part(path: str, text: str) -> list[str]:
    """A part of a merged mail is what its mail is: whoever made it asks services.drafts.wholes.standing. What waits
    for a person, and what is counted, are drafts as they stand themselves."""
    own = ("services/drafts/", "services/today/", "services/metrics.py")
    if path.startswith(own) or "Draft.state" not in text:
        return []
    return [f"{path} asks for the state of a draft, not of the mail that carries it"]


def unguarded_page(path: str, text: str) -> list[str]:
    """A page's first statement after imports and constants is `layout.page("…")`: the guard."""
    imported = False
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "components":
            imported |= "layout" in {alias.name for alias in statement.names}
        if _runs_nothing(statement):
            continue
        value = getattr(statement, "value", None)
        if (
            isinstance(statement, ast.Expr | ast.Assign)
            and isinstance(value, ast.Call)
            and ast.unparse(value.func) == "layout.page"
            and _imports_layout(text)
        ):
            return []
        return [f"{path}:{statement.lineno} comes before layout.page(…)"]
    return [f"{path} never calls layout.page(…)"]


def _imports_layout(text: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "components"
        and any(name.name == "layout" and name.asname is None for name in node.names)
        for node in ast.parse(text).body
    )


def toothless_tests(path: str, text: str) -> list[str]:
    """A test that asserts nothing cannot fail for the right reason."""
    tree = ast.parse(text)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    checkers = {f.name for f in functions if _asserts(f, set())}
    return [
        f"{path}:{f.lineno} {f.name} asserts nothing"
        for f in functions
        if f.name.startswith("test_") and not _asserts(f, checkers)
    ]


def _asserts(function: ast.AST, checkers: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rsplit(".", 1)[-1]
            if name in checkers or name in {
                "raises",
                "expect",
                "wait_for",
                "run_state_machine_as_test",
            }:
                return True
            if name.startswith("assert_"):
                return True
    return False


def _calls(text: str) -> Iterator[ast.Call]:
    return (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call))


def _runs_nothing(statement: ast.stmt) -> bool:
    """Imports, docstrings and constants written out."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    if isinstance(statement, ast.Expr | ast.Assign):
        parts = ast.walk(statement.value)
        plain = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.expr_context)
        return all(isinstance(part, plain) for part in parts)
    return False


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def said_twice(texts: Mapping[str, str]) -> list[str]:
    """Tables of words (three or more) that stand alike in two of the files, path -> text."""
    places: dict[str, list[str]] = defaultdict(list)
    for path, text in texts.items():
        for statement in ast.parse(text).body:
            table = getattr(statement, "value", None)
            if isinstance(table, ast.Dict) and len(table.keys) >= 3:
                places[ast.dump(table)].append(f"{path}:{statement.lineno}")
    return [f"{', '.join(found)}: one table, one home" for found in places.values() if found[1:]]


def mentioned_once(texts: Mapping[str, str], elsewhere: Iterable[str] = ()) -> list[str]:
    """Names at the top of a file (path -> text) that no line but their own knows, nor a text `elsewhere`."""
    words = Counter(re.findall(r"\w+", "\n".join([*texts.values(), *elsewhere])))
    return [
        f"{path}:{statement.lineno} {name} is used nowhere"
        for path, text in texts.items()
        for statement in ast.parse(text).body
        for name in _made(statement)
        if words[name] == 1
    ]


def _made(statement: ast.stmt) -> list[str]:
    """Names that a statement makes; what is decorated is registered somewhere."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [] if statement.decorator_list else [statement.name]
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    return [target.id for target in targets if isinstance(target, ast.Name)]
