"""Whether a provider's claims vouch for an address."""

from __future__ import annotations

import pytest

from components.company_login import is_verified


@pytest.mark.parametrize(
    ("claims", "believed"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({}, False),
        ({"xms_edov": True}, True),
        ({"xms_edov": 1}, True),
        ({"xms_edov": "1"}, True),
        ({"xms_edov": False}, False),
        ({"xms_edov": "0"}, False),
        ({"xms_edov": None}, False),
        ({"xms_edov": [True]}, False),
        ({"email_verified": False, "xms_edov": True}, False),
    ],
)
def test_address_is_believed_where_the_provider_says_that_it_is_verified(
    claims: dict[str, object], believed: bool
):
    assert is_verified(claims, trusting=False) is believed


@pytest.mark.parametrize(
    ("claims", "believed"),
    [
        ({}, True),
        ({"email_verified": None}, True),
        ({"email_verified": True}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "false"}, False),
        ({"email_verified": False, "xms_edov": True}, False),
        ({"xms_edov": False}, False),
        ({"xms_edov": "0"}, False),
    ],
)
def test_operator_vouches_only_where_the_provider_says_nothing(
    claims: dict[str, object], believed: bool
):
    assert is_verified(claims, trusting=True) is believed
