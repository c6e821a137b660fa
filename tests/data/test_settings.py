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
