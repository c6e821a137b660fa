"""The one typed settings object. No setting is read anywhere else."""

from __future__ import annotations

import os
import tomllib
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy import URL

PROJECT = Path(__file__).resolve().parent.parent
SECRETS = PROJECT / ".streamlit" / "secrets.toml"


_ENTRA = (
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "login-us.microsoftonline.com",
    "login.usgovcloudapi.net",
    "login.chinacloudapi.cn",
)
_OF_ANYBODY = {
    "common",
    "organizations",
    "consumers",
    "9188040d-6c67-4c5b-b112-36a304b66dad",  # consumers by its id
}


class Settings(BaseSettings):
    """From the environment (`CSCX_…`, and `DATABASE_URL`), else `[cscx]` in `.streamlit/secrets.toml`."""

    model_config = SettingsConfigDict(env_prefix="CSCX_", extra="ignore", populate_by_name=True)

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """SQLAlchemy URL; empty means the SQLite file `cscx.db` in `data_dir`."""
    data_dir: Path = PROJECT / "var"
    """Where the SQLite file, backups and mail written as files live."""
    demo: bool = False
    """Start with sample data and a person switcher; for a machine of one's own only."""
    base_url: str = "http://localhost:8501"
    """How people reach the app; links in the terminal and in mails start with it."""
    default_zone: str = "UTC"
    """IANA zone assumed for files that do not say theirs; the preview shows and changes it."""
    own_domains: str = ""
    """Mail domains of the company that runs the app, separated by commas: its staff are not customers."""
    upload_max_mb: int = 512
    """Largest file accepted, in megabytes."""
    api_per_minute: int = Field(default=120, ge=0)
    """How many requests each API token may make in a minute; 0: as many as it likes."""
    hooks_per_minute: int = Field(default=1_000, ge=0)
    """How many deliveries each hook's address takes in a minute, and how many calls of unknown addresses
    one visitor may make; 0: no limit."""
    signin_per_minute: int = Field(default=60, ge=0)
    """How often one visitor's address may try to sign in in a minute, whoever as; 0: no limit."""
    tracking_per_minute: int = Field(default=600, ge=0)
    """How many links and pixels of mails one visitor's address may open in a minute: far more than an
    office behind one address does; 0: no limit."""
    metrics_token: SecretStr = SecretStr("")
    """What Prometheus sends as bearer token to read `/metrics`; empty: there is no such page."""
    session_days: int = 14
    """How long a sign-in lasts without use; one by the company's account, however much it is used."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    worker: Literal["child", "off"] = "child"
    """Whether the app starts the process that sends mail and does jobs; off where `python -m worker` runs."""
    senders: int = Field(default=3, ge=1, le=16)
    """How many mails one worker hands over at the same time."""
    mail_domain: str = ""
    """Ends the Message-ID of each mail; the host of `base_url` when empty."""
    secret_key: SecretStr = SecretStr("")
    """Keys that seal mailbox passwords, separated by commas; the first seals, the others still open.
    Empty: one is made and kept in `data_dir`."""
    oidc_metadata_url: str = ""
    """The discovery document of the company's identity provider; empty: people sign in by password."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_token_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"  # noqa: S105 - a method
    """How the provider wants the secret to be sent."""
    oidc_trust_email: bool = False
    """Whether an address counts as verified of which the provider does not say if it is: only where nobody but
    the company's own admins enters addresses there."""
    google_client_id: str = ""
    """Of the OAuth client by which people connect their Gmail; empty: they cannot."""
    google_client_secret: SecretStr = SecretStr("")
    google_auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    """Where people are asked for their consent. This and the next three differ only in tests."""
    google_token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    google_revoke_url: str = "https://oauth2.googleapis.com/revoke"
    google_api_url: str = ""
    """Where Gmail and Calendar answer; Google's own addresses when empty."""
    google_seconds: float = 20
    """How long one of Google's answers may take."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base class asks for both
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _SecretsSection(settings_cls, SECRETS)

    @model_validator(mode="after")
    def _name_mail_domain(self) -> Self:
        self.mail_domain = self.mail_domain or urlsplit(self.base_url).hostname or "localhost"
        return self

    @field_validator("oidc_metadata_url")
    @classmethod
    def _belongs_to_one_company(cls, url: str) -> str:
        place = urlsplit(url.strip())
        host = (place.hostname or "").rstrip(".")
        if host in _ENTRA and _OF_ANYBODY & {*unquote(place.path).lower().split("/")}:
            raise ValueError(
                "this address lets accounts of every company in, and their addresses say nothing. Put your "
                "tenant's id in the place of common, organizations or consumers"
            )
        return url

    @property
    def url(self) -> str:
        """The database in use, as a SQLAlchemy URL."""
        file = URL.create("sqlite", database=str(self.data_dir / "cscx.db"))
        return self.database_url or file.render_as_string()

    @property
    def oidc(self) -> bool:
        """Whether people can sign in with their company account."""
        return bool(self.oidc_metadata_url and self.oidc_client_id)

    @property
    def own_domain_list(self) -> tuple[str, ...]:
        return tuple(d.strip().lower() for d in self.own_domains.split(",") if d.strip())


class _SecretsSection(TomlConfigSettingsSource):
    """Only the `[cscx]` table of the file: the rest belongs to Streamlit."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        found = super()._read_file(file_path).get("cscx", {})
        return found if isinstance(found, dict) else {}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """SystemExit names what cannot be used, and not its value: that may be a secret."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"{_variable(str(each['loc'][0]))}: {each['msg']}" for each in error.errors()]
        hint = f"Correct it in the environment or in {SECRETS.relative_to(PROJECT)}."
        raise SystemExit("\n".join([*wrong, hint])) from None


def _variable(name: str) -> str:
    field = Settings.model_fields.get(name)
    prefixed = field is not None and field.validation_alias is None
    return f"CSCX_{name.upper()}" if prefixed else name


def environment_of_others() -> dict[str, str]:
    """What a program that is not ours inherits: all that the operator set, without our own settings and secrets."""
    ours = ("CSCX_", "STREAMLIT_", "DATABASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@lru_cache(maxsize=1)
def version() -> str:
    """The app's version, as in pyproject.toml."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
