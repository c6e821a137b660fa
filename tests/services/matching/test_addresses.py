from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.addresses import chains, domain_keys, email_keys, registrable


def _email(text: str | None) -> str | None:
    return email_keys(pl.Series([text], dtype=pl.Utf8))[0]


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("ann@x.com", "ann@x.com"),
        ("  ANN@X.com\u200b", "ann@x.com"),
        ("Ann Lee <Ann@x.com>", "ann@x.com"),
        ("<mailto:ann@x.com>", "ann@x.com"),
        ("mailto:ann@x.com", "ann@x.com"),
        ("'ann@x.com',", "ann@x.com"),
        ("Ann Lee <'ann@x.com'>", "ann@x.com"),
        ("ann+news+2@x.com", "ann@x.com"),
        ("ann@googlemail.com", "ann@gmail.com"),
        ("ann@müller.de", "ann@xn--mller-kva.de"),
        ("zoë@x.com", "zoë@x.com"),
        ("ann@x.c", "ann@x.c"),
        ("ann@x", None),
        ("ann.x.com", None),
        ("a@b@x.com", None),
        ("ann@x.com; bob@x.com", None),
        ("ann lee@x.com", None),
        ("@x.com", None),
        ("ann@-.", None),
        ("a" * 250 + "@x.com", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_become_keys(raw, key) -> None:
    assert _email(raw) == key


@given(st.text(max_size=40) | st.emails())
def test_a_key_is_its_own_key(text) -> None:
    key = _email(text)
    assert key is None or _email(key) == key


@given(st.emails())
def test_case_and_wrapping_do_not_matter(address) -> None:
    assert _email(f"Name <{address.upper()}>") == _email(address.upper())
    assert _email(f" {address} ") == _email(address)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("DataFlow.io", "dataflow.io"),
        ("https://www.dataflow.io/about?x=1", "dataflow.io"),
        ("@dataflow.io", "dataflow.io"),
        ("info@dataflow.io", "dataflow.io"),
        ("dataflow.io:8080", "dataflow.io"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("dataflow", None),
        ("data flow.io", None),
        ("", None),
        (None, None),
    ],
)
def test_domains_become_keys(raw, key) -> None:
    assert domain_keys(pl.Series([raw], dtype=pl.Utf8))[0] == key


def test_registrable_part_knows_public_suffixes() -> None:
    domains = pl.Series(
        ["eu.umbra.example", "a.b.acme.co.uk", "acme.co.uk", "shop.github.io", None]
    )
    expected = ["umbra.example", "acme.co.uk", "acme.co.uk", "shop.github.io", None]
    assert registrable(domains).to_list() == expected


def test_chain_climbs_to_the_registrable_part_and_no_further() -> None:
    links = chains(pl.Series(["a.b.acme.co.uk", "x.com", None])).sort("domain", "length")
    assert links["link"].to_list() == ["acme.co.uk", "b.acme.co.uk", "a.b.acme.co.uk", "x.com"]
    assert links["root"].to_list() == ["acme.co.uk"] * 3 + ["x.com"]
