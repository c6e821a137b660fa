"""The house keeps its shape: every rule holds for every file, and every rule can fail."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.support import rules

FILES = list(rules.python_files())
SCREENS = [
    f
    for f in rules.python_files("pages")
    if len(Path(f).parts) == 2 and Path(f).stem not in {"_main", "__init__"}
]
"""Folders below hold the views of a screen: functions, nothing that runs by itself."""
TESTS = [f for f in rules.python_files("tests") if Path(f).name.startswith("test_")]
NOUNS = {
    part
    for f in rules.python_files("services", "data")
    for part in Path(f).with_suffix("").parts[1:3]  # a feature's packages are nouns, too
}


def text_of(path: str) -> str:
    return (rules.ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES)
def test_file_keeps_the_rules_of_the_house(path: str):
    text = text_of(path)
    assert [
        *rules.too_long(path, text),
        *rules.vague_name(path),
        *rules.second_word(path),
        *rules.homeless_router(path, NOUNS),
        *rules.ends_a_transaction(path, text),
        *rules.unsafe_drawing(path, text),
        *rules.own_clock(path, text),
        *rules.escaped_choice(path, text),
        *rules.table_of_markdown(path, text),
        *rules.chosen_by_place(path, text),
        *rules.called_back_by_polars(path, text),
        *rules.asks_a_part(path, text),
    ] == []


@pytest.mark.parametrize("path", SCREENS)
def test_page_is_guarded_before_anything_else(path: str):
    assert rules.unguarded_page(path, text_of(path)) == []


@pytest.mark.parametrize("path", TESTS)
def test_tests_can_fail(path: str):
    assert rules.toothless_tests(path, text_of(path)) == []


def test_no_table_of_words_stands_twice():
    assert rules.said_twice({path: text_of(path) for path in FILES}) == []


def test_no_name_is_left_that_nobody_uses():
    tests = [text_of(path) for path in rules.python_files("tests")]
    assert rules.mentioned_once({path: text_of(path) for path in FILES}, tests) == []


def test_browser_tests_lie_where_make_looks_for_them():
    marked = {path for path in TESTS if "mark.browser" in text_of(path)}
    assert {Path(path).parent.as_posix() for path in marked - {"tests/test_architecture.py"}} == {
        "tests/browser"
    }


def test_every_folder_of_code_is_a_package():
    """A folder without __init__.py is invisible to the check of the layers."""
    folders = {(rules.ROOT / f).parent for f in FILES if "/" in f}
    folders -= {rules.ROOT / "data/migrations"}  # Alembic loads these by path
    assert sorted(f.name for f in folders if not (f / "__init__.py").exists()) == []


def test_check_of_the_layers_knows_every_room():
    project = tomllib.loads(text_of("pyproject.toml"))
    rooms = {r for r in rules.ROOMS if (rules.ROOT / r).is_dir()}
    assert set(project["tool"]["importlinter"]["root_packages"]) == rooms


def test_no_screen_lies_beside_the_entry_script_of_streamlit():
    """With a `pages` folder beside it, Streamlit would serve pages without asking who is there."""
    script = rules.ROOT / "pages" / "_main.py"
    assert script.exists()
    assert not (script.parent / "pages").exists()
    assert "pages/_main.py" in text_of("app.py").replace('" / "', "/")


@pytest.mark.parametrize("feature", rules.FEATURES)
def test_feature_has_rules_where_it_has_a_router_or_a_template(feature: str):
    rooms = [r for r in ("api", "templates/emails") if _has(r, feature)]
    assert not rooms or _has("services", feature)


def _has(room: str, word: str) -> bool:
    return (rules.ROOT / room / word).is_dir() or (rules.ROOT / room / f"{word}.py").is_file()


PAGE = "from components import layout\n"
PLANTED = [
    (
        "an option with backslashes",
        rules.escaped_choice("a.py", "st.selectbox('A', x, format_func=lambda one: plain(x[one]))"),
    ),
    ("a page of 121 lines", rules.too_long("pages/events.py", "\n" * 121)),
    ("a service of 301 lines", rules.too_long("services/scoring/score.py", "\n" * 301)),
    ("a drawer of odds and ends", rules.vague_name("services/utils.py")),
    ("a folder of odds and ends", rules.vague_name("services/common/dates.py")),
    ("a second word", rules.second_word("api/campaign.py")),
    ("a router of nothing", rules.homeless_router("api/routers/gadgets.py", {"scoring"})),
    (
        "a table twice",
        rules.said_twice(dict.fromkeys(("a.py", "b.py"), "X = {1: 'a', 2: 'b', 3: 'c'}")),
    ),
    ("a name for nothing", rules.mentioned_once({"a.py": "X = 1\nY = 2\ndef z(): return Y\nz()"})),
    ("a commit", rules.ends_a_transaction("services/a.py", "session.commit()")),
    ("a rollback", rules.ends_a_transaction("data/customers.py", "s.rollback()")),
    ("a transaction of its own", rules.ends_a_transaction("api/a.py", "with engine.begin(): pass")),
    ("raw HTML", rules.unsafe_drawing("pages/a.py", "st.markdown(x, unsafe_allow_html=True)")),
    ("raw HTML by variable", rules.unsafe_drawing("a.py", "st.markdown(x, unsafe_allow_html=on)")),
    ("script", rules.unsafe_drawing("a.py", "st.html(x, unsafe_allow_javascript=True)")),
    ("script in a grid", rules.unsafe_drawing("a.py", "AgGrid(f, allow_unsafe_jscode=True)")),
    ("script made for a grid", rules.unsafe_drawing("a.py", "from st_aggrid import JsCode")),
    ("a frame", rules.unsafe_drawing("a.py", "import streamlit.components.v1 as c")),
    (
        "a component elsewhere",
        rules.unsafe_drawing(
            "components/a.py", "from streamlit.components.v1 import declare_component"
        ),
    ),
    ("a frame by name", rules.unsafe_drawing("a.py", "st.components.v1.html('x')")),
    (
        "a page without a guard",
        rules.unguarded_page("a.py", "import streamlit as st\nst.title('x')"),
    ),
    (
        "a constant that is computed",
        rules.unguarded_page("a.py", PAGE + "X = [f()]\nlayout.page('x')"),
    ),
    ("a guard too late", rules.unguarded_page("a.py", PAGE + "x = load()\nlayout.page('x')")),
    ("a guard in a branch", rules.unguarded_page("a.py", PAGE + "if x:\n    layout.page('x')")),
    ("a guard of another make", rules.unguarded_page("a.py", "layout.page('x')")),
    ("a page of imports", rules.unguarded_page("a.py", PAGE)),
    ("a column of another zone", rules.own_clock("a.py", "st.column_config.DatetimeColumn('At')")),
    (
        "a zone of the browser's",
        rules.own_clock("pages/a.py", "zone = st.context.timezone or 'UTC'"),
    ),
    ("a table of Markdown", rules.table_of_markdown("pages/a.py", "st.table(rows)")),
    (
        "a row by its place",
        rules.chosen_by_place("components/a.py", "st.dataframe(x, on_select='rerun')"),
    ),
    (
        "a loop inside polars",
        rules.called_back_by_polars("a.py", "pl.col('a').map_elements(str.upper)"),
    ),
    ("a part for itself", rules.asks_a_part("services/a.py", "select(Draft.state)")),
    ("a toothless test", rules.toothless_tests("t.py", "def test_a():\n    run()")),
]
HARMLESS = [
    ("Markdown of a radio", rules.escaped_choice("a.py", "st.radio('A', x, format_func=plain)")),
    ("a zone of Python's", rules.own_clock("a.py", "from datetime import timezone; timezone.utc")),
    ("a guarded page", rules.unguarded_page("a.py", PAGE + "user = layout.page('Events')\nst.text(1)")),
    ("a page with constants", rules.unguarded_page("a.py", PAGE + "X = ('a', 1)\nlayout.page('E')")),
    ("a nested save point", rules.ends_a_transaction("services/a.py", "session.begin_nested()")),
    ("the commit in its place", rules.ends_a_transaction("data/db.py", "session.commit()")),
    ("a service called commit", rules.ends_a_transaction("services/a.py", "intake.commit(1)")),
    ("HTML refused", rules.unsafe_drawing("a.py", "st.markdown(x, unsafe_allow_html=False)")),
    ("a loop outside polars", rules.called_back_by_polars("a.py", "pl.Series(map(str.upper, f['a']))")),
    ("a package named as drawn", rules.second_word("services/scoring/score.py")),
    ("a list of drafts", rules.asks_a_part("services/today/a.py", "Draft.state == 'pending'")),
    ("our own script", rules.unsafe_drawing(
        "components/browser_bridge.py", "from streamlit.components.v1 import declare_component")),
    ("two tables", rules.said_twice(
        {"a.py": "X = {1: 'a', 2: 'b', 3: 'c'}", "b.py": "Y = {1: 'a', 2: 'b', 3: 'd'}"})),
    ("a check by a named function", rules.toothless_tests(
        "t.py", "def check(x):\n    assert x\ndef test_a():\n    check(1)")),
]  # fmt: skip


@pytest.mark.parametrize(("what", "found"), PLANTED, ids=[what for what, _ in PLANTED])
def test_rule_catches(what: str, found: list[str]):
    assert len(found) == 1


@pytest.mark.parametrize(("what", "found"), HARMLESS, ids=[what for what, _ in HARMLESS])
def test_rule_lets_pass(what: str, found: list[str]):
    assert found == []
