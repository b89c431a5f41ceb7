"""The environment, read into Settings: a wrong value stops the start with one line."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import frozen

from adapters.settings.model import Setting, Settings, setting_of
from faraday_core.kernel.secrets import SHORTEST

_FILE: Final = "_FILE"


class WrongSetting(Exception):
    """One line: the variable, what is wrong with its value, and an example."""

    def __init__(self, name: str, problem: str, example: str) -> None:
        hint = f" Example: {name}={example}" if example else ""
        super().__init__(f"{name} {problem}.{hint}")
        self.name = name


@frozen
class Explained:
    """A setting as it is in force. `source`: where its value comes from."""

    name: str
    value: str
    source: str
    default: str | None
    help: str


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises WrongSetting."""
    given: dict[str, Any] = {}  # to each field's own type
    for attribute in attrs.fields(Settings):
        setting = setting_of(attribute)
        found = _text_of(setting, environ)
        if found is not None:
            given[attribute.name] = _value(setting, found[0])
    settings = Settings(**given)
    if settings.in_production:
        _refuse_unsafe(settings)
    if bool(settings.tls_cert) != bool(settings.tls_key):
        missing = "tls_key" if settings.tls_cert else "tls_cert"
        raise _wrong(missing, "is missing: a certificate and its key go together")
    return settings


def warnings_of(environ: Mapping[str, str], settings: Settings) -> Iterator[str]:
    """What does not stop the start, a line each."""
    known = {setting_of(attribute).name for attribute in attrs.fields(Settings)}
    known |= {name + _FILE for name in known if _is_secret(name)}
    for name in sorted(environ):
        if name.startswith("FARADAY_") and name not in known and name not in _FOR_TESTS:
            nearest = get_close_matches(name, known, n=1)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            yield f"{name} is no setting{hint}"
    if settings.secret_key and len(settings.secret_key) < SHORTEST:
        yield f"FARADAY_SECRET_KEY is shorter than {SHORTEST} bytes: production would refuse it"
    if settings.in_production and not settings.smtp_url:
        yield "FARADAY_SMTP_URL is not set: mails are kept in the outbox until it is"


def explain(environ: Mapping[str, str], settings: Settings) -> Iterator[Explained]:
    """Each setting, its value (a secret's is never shown) and where that comes from."""
    for attribute in attrs.fields(Settings):
        setting = setting_of(attribute)
        found = _text_of(setting, environ)
        value = found[0] if found else setting.default or ""
        if setting.secret and value:
            value = "(set)"
        source = found[1] if found else "default"
        yield Explained(setting.name, value, source, setting.default, setting.help)


# Who reads these is no part of the product.
_FOR_TESTS: Final = frozenset({"FARADAY_TEST_DATABASE_URL", "FARADAY_TEST_DATA"})


def _is_secret(name: str) -> bool:
    every = (setting_of(attribute) for attribute in attrs.fields(Settings))
    return any(setting.name == name and setting.secret for setting in every)


def _text_of(setting: Setting, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The text, and where it stood; an empty variable is as good as none."""
    named = environ.get(setting.name + _FILE) if setting.secret else None
    direct = environ.get(setting.name)
    if named and direct:
        raise WrongSetting(setting.name, f"is given twice, as {setting.name}{_FILE} too", "")
    if named:
        try:
            content = Path(named).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
            problem = f"names a file that cannot be read: {reason}"
            raise WrongSetting(setting.name + _FILE, problem, "/run/secrets/faraday") from None
        if not content:
            # Taken for none, it would open what a secret that got lost should keep shut.
            raise WrongSetting(setting.name + _FILE, "names a file that is empty", "")
        return content, setting.name + _FILE
    return (direct, "environment") if direct else None


def _value(setting: Setting, text: str) -> Any:  # of the field's own type
    try:
        return setting.read(text)
    except ValueError as error:
        raise WrongSetting(setting.name, str(error), setting.example) from None


def _refuse_unsafe(settings: Settings) -> None:
    if settings.secret_key is None:
        raise _wrong("secret_key", "is missing, and production makes none up")
    if len(settings.secret_key) < SHORTEST:
        raise _wrong("secret_key", f"is shorter than {SHORTEST} bytes")
    if len({*settings.secret_key.decode(errors="surrogateescape")}) == 1:
        raise _wrong("secret_key", "is one repeated character")
    if "*" in settings.cors_origins:
        raise _wrong("cors_origins", "is `*`, which production does not allow")
    if not settings.tls_cert and not settings.trusted_proxies:
        detail = "is missing, and so is FARADAY_TRUSTED_PROXIES: nothing ensures HTTPS"
        raise _wrong("tls_cert", detail)


def _wrong(field: str, problem: str) -> WrongSetting:
    setting = setting_of(getattr(attrs.fields(Settings), field))
    return WrongSetting(setting.name, problem, setting.example)
