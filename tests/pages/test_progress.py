"""Work that grows with the customers says so while it lasts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.support.rules import ROOT

GROWING = {
    "customers.py": {"preview_file", "load_file"},
    "drafts.py": {"approve_many"},
    "event.py": {"service"},
    "invitations.py": {"invite_many"},
    "risk.py": {"detect", "plan_outreach"},
    "scoring_settings.py": {"preview", "publish", "revert", "set_weights"},
}
"""By page: the services that take seconds with 10,000 customers, by the name they are handed over."""


def under_a_spinner(tree: ast.AST) -> Iterator[str]:
    """The services that are handed over within a spinner."""
    for block in ast.walk(tree):
        if isinstance(block, ast.With) and "st.spinner" in ast.unparse(block.items[0]):
            for call in ast.walk(block):
                if isinstance(call, ast.Call) and call.args:
                    yield ast.unparse(call.args[0]).rpartition(".")[2]


@pytest.mark.parametrize("page", GROWING)
def test_long_work_of_the_page_is_done_under_a_spinner(page: str):
    tree = ast.parse((ROOT / "pages" / page).read_text(encoding="utf-8"))
    assert GROWING[page] <= set(under_a_spinner(tree))
