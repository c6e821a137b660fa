"""Settings as an operator meets them."""

from __future__ import annotations

import pytest

from data.settings import Settings, settings


@pytest.fixture
def read_anew():
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("read_anew")
def test_what_cannot_be_used_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSCX_WORKER", "hunter2")
    monkeypatch.setenv("CSCX_SENDERS", "many")
    with pytest.raises(SystemExit) as stopped:
        settings()
    said = str(stopped.value)
    assert "CSCX_WORKER: Input should be 'child' or 'off'" in said
    assert "CSCX_SENDERS:" in said
    assert "hunter2" not in said


@pytest.mark.usefixtures("read_anew")
def test_environment_is_what_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSCX_SENDERS", "7")
    assert settings().senders == 7
    assert Settings.model_fields["senders"].default != 7


ENTRA = "https://login.microsoftonline.com/{}/v2.0/.well-known/openid-configuration"


OF_ANYBODY = [
    *map(
        ENTRA.format,
        ["common", "organizations", "consumers", "Common", "/common", "%63ommon"],
    ),
    ENTRA.format("9188040d-6c67-4c5b-b112-36a304b66dad"),
    ENTRA.format("9188040D-6C67-4C5B-B112-36A304B66DAD"),
    "https://login.microsoftonline.com/common",
    "https://login.microsoftonline.com./common/v2.0",
    " https://LOGIN.microsoftonline.com:443/common/v2.0",
    "https://login.windows.net/common/v2.0/.well-known/openid-configuration",
    "https://sts.windows.net/common/",
    "https://login.microsoft.com/consumers/v2.0/.well-known/openid-configuration",
]


@pytest.mark.usefixtures("read_anew")
@pytest.mark.parametrize("url", OF_ANYBODY)
def test_sign_in_of_every_company_is_refused(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("CSCX_OIDC_METADATA_URL", url)
    with pytest.raises(SystemExit, match=r"CSCX_OIDC_METADATA_URL: .*Put your tenant's id"):
        settings()


@pytest.mark.usefixtures("read_anew")
@pytest.mark.parametrize(
    "url",
    [
        ENTRA.format("0f2f1c1e-8f5a-4d0b-9c39-3d0f4c7f5a11"),
        "https://login.microsoftonline.com/common.company.com/v2.0/.well-known/openid-configuration",
        "https://sign-in.company.com/common/.well-known/openid-configuration",
        "",
    ],
)
def test_sign_in_of_one_company_is_taken(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("CSCX_OIDC_METADATA_URL", url)
    assert settings().oidc_metadata_url == url
