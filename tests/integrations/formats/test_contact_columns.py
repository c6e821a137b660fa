"""Which columns of a contacts file name the customer: its identifier, and its name beside."""

from __future__ import annotations

import pytest

from integrations.formats.fields import map_columns


@pytest.mark.parametrize(
    ("headings", "identifier", "name"),
    [
        (["Contact ID", "Email", "Account ID", "Account Name"], "Account ID", "Account Name"),
        (["Contact ID", "Email", "Account Name", "Account ID"], "Account ID", "Account Name"),
        (["Email", "Company Name", "SFDC Account ID"], "SFDC Account ID", "Company Name"),
        (["Email", "Customer", "Customer ID"], "Customer ID", "Customer"),
        (["Email", "Account Name"], "Account Name", None),
        (["Email", "Account ID"], "Account ID", None),
    ],
)
def test_identifier_and_name_of_the_customer_are_both_read(
    headings: list[str], identifier: str, name: str | None
):
    found = map_columns(headings, "stakeholders")
    assert (found["customer"], found.get("customer_name")) == (identifier, name)
