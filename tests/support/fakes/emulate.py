"""Google as the npm package `emulate` plays it: written by others, so that it shares none of our mistakes.

It has no searches, no X- headers in what it keeps, and no way to change a calendar entry.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.google_http import GoogleAccount, GoogleClient

PACKAGE = "emulate@0.11.2"
ADVICE = f"needs Node with npx, and {PACKAGE} in its cache or a registry to fetch it from"
BACK = "http://localhost:8501/connect/google/back"
CLIENT, SECRET = "client-1", "secret-1"
ANA = "ana@vendor.example"
_FORM = re.compile(r"<form.*?</form>", re.DOTALL)
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Emulated:
    url: str

    def client(self) -> GoogleClient:
        return GoogleClient(
            client_id=CLIENT,
            client_secret=SECRET,
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
        form = next(f for f in _FORM.findall(shown.text) if ANA in f)
        fields = {name: unescape(value) for name, value in _FIELD.findall(form)}
        back = requests.post(
            f"{self.url}/o/oauth2/v2/auth/callback", data=fields, timeout=10, allow_redirects=False
        ).headers["Location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


@contextmanager
def running_emulate(
    folder: Path, people: Sequence[str] = (ANA,), back: str = BACK
) -> Generator[Emulated]:
    """Started on a free port, stopped after the block. Skips the test where it cannot be had.

    `people` are the addresses of who has an account there, `back` is where they come back to."""
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip(ADVICE)
    (folder / "seed.yaml").write_text(json.dumps(_seed(people, back)))
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


def _seed(people: Sequence[str], back: str) -> dict[str, Any]:
    """As JSON, which is YAML too."""
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "name": "Engage",
        "redirect_uris": [back],
    }
    calendar = {"id": "primary", "user_email": people[0], "summary": "Own", "primary": True}
    accounts = [{"email": one, "name": one, "email_verified": True} for one in people]
    found = {"users": accounts, "oauth_clients": [client]}
    return {"google": {**found, "calendars": [{**calendar, "time_zone": "UTC"}]}}


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
