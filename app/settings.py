"""All settings, in one frozen object.

Settings come only from the environment. Only the entry points (`app/cli.py`, the worker, and `create_app()` when it is
given no settings) call `load_settings()`. All other code receives the values that it needs. A wrong or unknown variable
stops the program with one line per problem. A message never repeats a value, because many of them are secrets.

Secrets (`KIST_JWT_SECRET`, `KIST_AADHAAR_KEY`, `KIST_AADHAAR_INDEX_KEY`, `KIST_AUDIT_KEY`) must be given in production.
On a developer's machine the missing ones are generated once and kept in `KIST_HOME/secrets.json`, so that data that was
encrypted yesterday can be read today. If a database exists and the file is missing, no secrets are generated.
"""

import base64
import binascii
import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.people.customers import is_state
from app.domain.rulebook.kinds import LenderKind
from app.kept_secrets import SECRET_FIELDS, SecretsUnusable, keep_secrets, read_secrets

PREFIX = "KIST_"
ASYNC_SCHEME = "postgresql+asyncpg://"

Environment = Literal["development", "production", "test"]
AadhaarCheck = Literal["format", "checksum"]


class SettingsError(Exception):
    """The environment is wrong, so the program does not start. Each line of the message names one variable."""


class MissingSetting(SettingsError):
    """A setting that this command needs is missing."""


def normalise_database_url(url: str) -> str:
    """A PostgreSQL address with the scheme that SQLAlchemy needs for asyncpg; the rest is unchanged."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError("must begin with postgresql://, postgres:// or postgresql+asyncpg://")
    return ASYNC_SCHEME + rest


def check_redis_url(url: str) -> str:
    if url.partition("://")[0] not in {"redis", "rediss", "unix"}:
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return url


def decode_key(key: SecretStr) -> bytes:
    """The raw bytes of a key that is given as base64, in the standard or the URL-safe alphabet."""
    text = key.get_secret_value().strip().replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64") from None


def check_aes_key(key: SecretStr) -> SecretStr:
    if len(decode_key(key)) != 32:
        raise ValueError("must be base64 of exactly 32 bytes (AES-256)")
    return key


def decode_older_keys(keys: SecretStr) -> dict[int, bytes]:
    """The keys of earlier versions, by version."""
    found: dict[int, bytes] = {}
    for part in keys.get_secret_value().split():
        version, separator, key = part.partition(":")
        if not separator or not version.isdecimal() or int(version) in found:
            raise ValueError("must be written as 1:KEY 2:KEY, each version once")
        found[int(version)] = decode_key(check_aes_key(SecretStr(key)))
    return found


def check_older_keys(keys: SecretStr) -> SecretStr:
    decode_older_keys(keys)
    return keys


def check_index_key(key: SecretStr) -> SecretStr:
    if len(decode_key(key)) < 32:
        raise ValueError("must be base64 of 32 bytes or more (HMAC-SHA-256)")
    return key


def check_signing_secret(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < 32:
        raise ValueError("must be 32 bytes or longer")
    return secret


def check_networks(text: str) -> str:
    for part in filter(None, (each.strip() for each in text.split(","))):
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise ValueError("must be addresses or networks, separated by commas, such as 10.0.0.0/8") from None
    return text


def check_state(code: str) -> str:
    if not is_state(code):
        raise ValueError("must be the two digits of a state in a GSTIN, such as 29")
    return code


DatabaseUrl = Annotated[str, AfterValidator(normalise_database_url)]
RedisUrl = Annotated[str, AfterValidator(check_redis_url)]


class Settings(BaseSettings):
    """All settings of Kist. The program makes them with `load_settings()`; tests call the class with values, which take
    precedence over the variables."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True, env_ignore_empty=True
    )

    env: Environment = "development"
    # Which rules bind us: each kind of lender has its own directions.
    lender_kind: LenderKind = LenderKind.NBFC_MIDDLE
    # The state in which we are registered for GST, by its code. Without it no charge may bear GST.
    gst_state: Annotated[str, AfterValidator(check_state)] | None = None
    home: Path = Path(".kist")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535, validation_alias=AliasChoices("KIST_PORT", "PORT"))

    # Without addresses, `kist up` starts embedded servers. An address may hold a password, so repr does not show it.
    database_url: DatabaseUrl | None = Field(
        default=None, repr=False, validation_alias=AliasChoices("KIST_DATABASE_URL", "DATABASE_URL")
    )
    owner_database_url: DatabaseUrl | None = Field(default=None, repr=False)
    redis_url: RedisUrl | None = Field(
        default=None, repr=False, validation_alias=AliasChoices("KIST_REDIS_URL", "REDIS_URL")
    )

    admin_email: str = Field(default="admin@kist.example", pattern=r"^[^@\s]+@[^@\s]+$")
    admin_password: SecretStr | None = Field(default=None, min_length=8)

    jwt_secret: Annotated[SecretStr, AfterValidator(check_signing_secret)]
    aadhaar_key: Annotated[SecretStr, AfterValidator(check_aes_key)]
    aadhaar_key_version: int = Field(default=1, ge=1, le=32767)
    # Keys of earlier versions, to decrypt what they encrypted: `1:base64 2:base64`.
    aadhaar_older_keys: Annotated[SecretStr, AfterValidator(check_older_keys)] = SecretStr("")
    aadhaar_index_key: Annotated[SecretStr, AfterValidator(check_index_key)]
    aadhaar_check: AadhaarCheck = "format"
    audit_key: Annotated[SecretStr, AfterValidator(check_index_key)]

    access_token_minutes: int = Field(default=10, ge=1, le=60)
    refresh_token_days: int = Field(default=14, ge=1, le=90)
    # How long idempotency keys, done jobs and expired refresh tokens are kept.
    keep_days: int = Field(default=30, ge=1, le=3650)

    # Calls a minute. The default depends on KIST_ENV (see `calls_a_minute`).
    rate_limit: int | None = Field(default=None, ge=1, le=10_000_000)
    rate_limit_staff: int | None = Field(default=None, ge=1, le=10_000_000)
    rate_limit_service: int | None = Field(default=None, ge=1, le=10_000_000)
    sign_in_attempts_of_account: int = Field(default=10, ge=1, le=1_000_000)
    sign_in_attempts_of_address: int = Field(default=100, ge=1, le=1_000_000)
    # Addresses or networks, separated by commas, whose X-Forwarded-For is trusted.
    trusted_proxies: Annotated[str, AfterValidator(check_networks)] = ""
    request_timeout_seconds: int = Field(default=30, ge=1, le=600)

    # Webhooks: addresses of our own network and plain http are for tests and for receivers beside us.
    webhook_private_addresses: bool = False
    webhook_http: bool = False
    webhook_timeout_seconds: int = Field(default=10, ge=1, le=15)
    webhook_parallel: int = Field(default=8, ge=1, le=64)

    api_processes: int = Field(default=1, ge=1, le=64)
    worker_processes: int = Field(default=1, ge=1, le=64)
    # A running worker touches this file, so that a health check can see that it runs.
    worker_heartbeat: Path | None = None
    # Without a port nothing is measured.
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    # Without an address nothing is traced.
    traces_endpoint: str | None = Field(default=None, pattern=r"^https?://")
    traces_share: float = Field(default=1.0, ge=0, le=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # A larger pool than one process can use only moves the waiting into the database.
    database_pool_size: int = Field(default=5, ge=1, le=100)
    database_pool_timeout_seconds: int = Field(default=10, ge=1, le=120)
    lock_timeout_ms: int = Field(default=3_000, ge=100, le=60_000)
    statement_timeout_ms: int = Field(default=15_000, ge=100, le=600_000)
    idle_in_transaction_timeout_ms: int = Field(default=15_000, ge=1_000, le=600_000)

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        # With one key for both, a leak of the index key would also decrypt the numbers.
        if decode_key(self.aadhaar_key) == decode_key(self.aadhaar_index_key):
            raise ValueError("KIST_AADHAAR_KEY and KIST_AADHAAR_INDEX_KEY must differ")
        if self.aadhaar_key_version in decode_older_keys(self.aadhaar_older_keys):
            raise ValueError("KIST_AADHAAR_KEY_VERSION must differ from the versions in KIST_AADHAAR_OLDER_KEYS")
        return self

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def metrics_folder(self) -> Path:
        """Where the processes write their numbers."""
        return self.home.resolve() / "metrics"

    @property
    def calls_a_minute(self) -> tuple[int, int, int]:
        """How many calls a minute a customer or an address, a member of staff, and a service may make."""
        usual = (600, 6_000, 60_000) if self.is_production else (1_000_000,) * 3
        given = (self.rate_limit, self.rate_limit_staff, self.rate_limit_service)
        customer, staff, service = (own or default for own, default in zip(given, usual, strict=True))
        return customer, staff, service

    @property
    def app_dsn(self) -> str:
        """The address with which the application's role connects. Raises MissingSetting."""
        if self.database_url is None:
            raise MissingSetting("KIST_DATABASE_URL (or DATABASE_URL) is not set; only `kist up` starts a database")
        return self.database_url

    @property
    def owner_dsn(self) -> str:
        """The address for migrations: that of the schema's owner, or the application's when no owner is given."""
        return self.owner_database_url or self.app_dsn

    @property
    def redis_dsn(self) -> str:
        if self.redis_url is None:
            raise MissingSetting("KIST_REDIS_URL (or REDIS_URL) is not set; only `kist up` starts a Valkey")
        return self.redis_url

    def addresses(self) -> dict[str, str]:
        """The variables with which a child process uses the same servers and the same data."""
        variables = {"KIST_HOME": str(self.home.resolve()), "KIST_DATABASE_URL": self.app_dsn}
        return variables | {"KIST_OWNER_DATABASE_URL": self.owner_dsn, "KIST_REDIS_URL": self.redis_dsn}


def load_settings(*, keeps_new: bool = True) -> Settings:
    """The settings of this process, from its environment. Without `keeps_new` nothing is written into KIST_HOME, and
    generated secrets are used by this process only.

    Raises `SettingsError`, with one line per problem. A line names the variable and never its value.
    """
    variables = {name.upper(): value for name, value in os.environ.items() if value}
    _refuse_unknown(variables)
    kept: dict[str, Any] = {}
    absent = [field for field in SECRET_FIELDS if PREFIX + field.upper() not in variables]
    if absent and variables.get("KIST_ENV", "development") != "production":
        home = Path(variables.get("KIST_HOME", ".kist"))
        try:
            if keeps_new:
                elsewhere = bool({"KIST_DATABASE_URL", "DATABASE_URL"} & variables.keys())
                kept |= keep_secrets(home, absent=absent, books_elsewhere=elsewhere)
            else:
                kept |= read_secrets(home, absent=absent)
        except SecretsUnusable as error:
            raise SettingsError(str(error)) from None
    try:
        return Settings(**kept)
    except ValidationError as error:
        raise SettingsError("\n".join(_line(problem) for problem in error.errors(include_input=False))) from None


def variable_names(field: str) -> tuple[str, ...]:
    """The environment variables that set a field. If several are set, the first one is used."""
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (PREFIX + field.upper(),)


def _refuse_unknown(variables: Mapping[str, str]) -> None:
    known = {name for field in Settings.model_fields for name in variable_names(field)}
    lines = []
    for name in sorted(set(variables) - known):
        if name.startswith(PREFIX):
            close = difflib.get_close_matches(name, known, n=1)
            lines.append(f"{name} is not a setting of Kist" + (f"; did you mean {close[0]}?" if close else ""))
    if lines:
        raise SettingsError("\n".join(lines))


def _line(problem: Any) -> str:
    if not problem["loc"]:
        return str(problem["msg"]).removeprefix("Value error, ")
    location = str(problem["loc"][0])
    field = location.lower().removeprefix(PREFIX.lower())
    names = variable_names(field) if field in Settings.model_fields else (location,)
    if problem["type"] == "missing":
        return f"{names[0]} is not set, and production needs it"
    return f"{' or '.join(names)}: {problem['msg'].removeprefix('Value error, ')}"
