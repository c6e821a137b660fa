"""Google as the npm package `emulate` plays it: written by others, so that it shares none of our mistakes.

It has no searches, no X- headers in what it keeps, and no way to change a calendar entry.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.google_http import GoogleAccount, GoogleClient

PACKAGE = "emulate@0.11.2"
ADVICE = f"needs Node with npx, and {PACKAGE} in its cache or a registry to fetch it from"
BACK = "http://localhost:8501/connect/google/back"
_SEED = f"""
google:
  users:
    - {{email: ana@vendor.example, name: Ana Lopez, email_verified: true}}
  oauth_clients:
    - {{client_id: client-1, client_secret: secret-1, name: Engage, redirect_uris: ["{BACK}"]}}
  calendars:
    - {{id: primary, user_email: ana@vendor.example, summary: Ana, primary: true, time_zone: UTC}}
"""
_FORM = re.compile(r"<form.*?</form>", re.DOTALL)
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Emulated:
    url: str

    def client(self) -> GoogleClient:
        return GoogleClient(
            client_id="client-1",
            client_secret="secret-1",
            auth_url=f"{self.url}/o/oauth2/v2/auth",
            token_url=f"{self.url}/oauth2/token",
            revoke_url=f"{self.url}/oauth2/revoke",
            api_url=self.url,
        )

    def account(self, refresh_token: str) -> GoogleAccount:
        return GoogleAccount(self.client(), refresh_token)

    def consent(self, address: str) -> dict[str, str]:
        """As Ana clicks on her name: the query with which her browser comes back."""
        shown = requests.get(address, timeout=10)
        form = next(f for f in _FORM.findall(shown.text) if "ana@vendor.example" in f)
        fields = {name: unescape(value) for name, value in _FIELD.findall(form)}
        back = requests.post(
            f"{self.url}/o/oauth2/v2/auth/callback", data=fields, timeout=10, allow_redirects=False
        ).headers["Location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


@contextmanager
def running_emulate(folder: Path) -> Generator[Emulated]:
    """Started on a free port, stopped after the block. Skips the test where it cannot be had."""
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip(ADVICE)
    (folder / "seed.yaml").write_text(_SEED)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "emulate.log").open("wb") as log:
        process = subprocess.Popen(
            [npx, "--yes", PACKAGE, "start", "--service", "google", "-p", str(port),
             "--seed", "seed.yaml"],
            cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        if not _answers(port, process):
            pytest.skip(f"{ADVICE}:\n{(folder / 'emulate.log').read_text()[-500:]}")
        yield Emulated(f"http://localhost:{port}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(240):
        if process.poll() is not None:
            return False
        try:
            requests.get(f"http://localhost:{port}/", timeout=1)
        except requests.RequestException:
            time.sleep(0.25)
        else:
            return True
    return False
