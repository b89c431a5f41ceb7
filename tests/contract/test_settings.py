"""Settings: what holds without any, what a wrong one is told, and what production refuses."""

from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from adapters.settings import (
    Environment,
    Explained,
    Settings,
    WrongSetting,
    explain,
    read_settings,
    warnings_of,
)
from adapters.settings.model import setting_of

SECRET = "a-secret-of-the-tests-own-0123456789"
PRODUCTION = {
    "FARADAY_ENV": "production",
    "FARADAY_SECRET_KEY": SECRET,
    "FARADAY_TRUSTED_PROXIES": "10.0.0.0/8",
    "FARADAY_SMTP_URL": "smtp://mail.example.org",
}
DEFAULTS = {
    "FARADAY_ENV": "development",
    "FARADAY_HOST": "127.0.0.1",
    "FARADAY_PORT": "8000",
    "FARADAY_WORKERS": "1",
    "FARADAY_CORS_ORIGINS": "",
    "FARADAY_TRUSTED_PROXIES": "",
    "PASSWORD_MIN_LENGTH": "8",
    "MAX_LOGIN_ATTEMPTS": "5",
    "FARADAY_LOCKOUT_SECONDS": "900",
    "USER_SESSION_TIMEOUT": "3600",
    "FARADAY_SESSION_LIFETIME": "2592000",
    "FARADAY_MAX_SESSIONS": "0",
    "FARADAY_ACCESS_TOKEN_SECONDS": "900",
    "FARADAY_REFRESH_GRACE_SECONDS": "10",
    "FARADAY_RESET_TOKEN_SECONDS": "3600",
    "FARADAY_AUTH_RATE_PER_MINUTE": "60",
    "FARADAY_RATE_LIMIT": "0",
    "FARADAY_MAX_BODY_BYTES": "1048576",
}
WRONG = [
    ("FARADAY_ENV", "prod", "must be one of development, production"),
    ("FARADAY_PORT", "http", "is no whole number"),
    ("FARADAY_PORT", "65536", "must lie between 0 and 65535"),
    ("FARADAY_PORT", "-1", "must lie between 0 and 65535"),
    ("FARADAY_PORT", "8_000", "is no whole number"),
    ("FARADAY_PORT", "٨", "is no whole number"),
    ("FARADAY_WORKERS", "0", "must lie between 1 and 256"),
    ("MAX_LOGIN_ATTEMPTS", "0", "must lie between 1 and 10000"),
    ("PASSWORD_MIN_LENGTH", "1e1", "is no whole number"),
    ("USER_SESSION_TIMEOUT", "-5", "must lie between"),
    ("FARADAY_ACCESS_TOKEN_SECONDS", "0", "must lie between 1"),
    ("FARADAY_REFRESH_GRACE_SECONDS", "61", "must lie between 0 and 60"),
    ("FARADAY_DATABASE_URL", "mysql://db", "begins with postgresql://"),
    ("FARADAY_SMTP_URL", "https://mail", "begins with smtp:// or smtps://"),
    ("FARADAY_SMTP_URL", "smtp://mail:port", "has a port that is no number"),
    ("FARADAY_CORS_ORIGINS", "https://a.example/path", "is no origin"),
    ("FARADAY_TRUSTED_PROXIES", "10.0.0.1/8", "no address or network"),
    ("FARADAY_TRUSTED_PROXIES", "proxy", "no address or network"),
    ("FARADAY_REGISTRATION", "yes", "must be one of open, closed"),
    ("FARADAY_LOG_LEVEL", "loud", "must be one of"),
]


def explained(environ: Mapping[str, str]) -> dict[str, Explained]:
    return {one.name: one for one in explain(environ, read_settings(environ))}


def refusal(environ: Mapping[str, str]) -> str:
    with pytest.raises(WrongSetting) as refused:
        read_settings(environ)
    return str(refused.value)


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_without_any_setting_the_contracts_defaults_hold(name: str, default: str) -> None:
    found = explained({})[name]

    assert (default, "default") == (found.value, found.source)


def test_the_defaults_reach_the_policy_of_sign_in() -> None:
    policy = read_settings({}).sign_in

    assert (3600, 5, 900, 900, 10, 3600, 0, True) == (
        policy.session_timeout,
        policy.max_attempts,
        policy.lockout,
        policy.access_token_seconds,
        policy.refresh_grace,
        policy.reset_token_seconds,
        policy.max_sessions,
        policy.registration_open,
    )


def test_a_setting_is_taken_from_its_variable() -> None:
    given = {"MAX_LOGIN_ATTEMPTS": "3", "FARADAY_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}

    found = read_settings(given)

    assert 3 == found.sign_in.max_attempts
    assert ["10.0.0.0/8", "::1/128"] == [str(network) for network in found.trusted_proxies]
    assert "environment" == explained(given)["MAX_LOGIN_ATTEMPTS"].source


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert Settings() == read_settings({"FARADAY_PORT": "", "FARADAY_SECRET_KEY": ""})


@pytest.mark.parametrize(("name", "value", "problem"), WRONG)
def test_a_wrong_value_names_variable_problem_and_example(
    name: str, value: str, problem: str
) -> None:
    line = refusal({name: value})

    assert line.startswith(f"{name} ")
    assert problem in line
    assert f"Example: {name}=" in line
    assert 1 == len(line.splitlines())


def test_every_example_and_default_is_itself_right() -> None:
    declared = [setting_of(attribute) for attribute in attrs.fields(Settings)]

    assert len(declared) == len({setting.name for setting in declared})
    for setting in declared:
        assert setting.example or setting.default == "", setting.name
        assert read_settings({setting.name: setting.default or ""}) == Settings()
        setting.read(setting.example)


def test_a_wrong_secret_is_not_shown_by_its_refusal() -> None:
    line = refusal({"FARADAY_DATABASE_URL": f"mysql://faraday:{SECRET}@db"})

    assert SECRET not in line


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_comes_from_the_file_that_is_named(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(f"{SECRET}{ending}".encode())
    given = {"FARADAY_SECRET_KEY_FILE": str(file)}

    assert SECRET.encode() == read_settings(given).secret_key
    assert "FARADAY_SECRET_KEY_FILE" == explained(given)["FARADAY_SECRET_KEY"].source
    assert [] == list(warnings_of(given, read_settings(given)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FARADAY_DATABASE_URL", "postgresql://db.example.org/faraday"),
        ("FARADAY_SMTP_URL", "smtp://mail.example.org"),
        ("FARADAY_METRICS_TOKEN", "a-token"),
        ("FARADAY_FORMER_SECRET_KEYS", "one,two"),
    ],
)
def test_any_secret_may_come_from_a_file(tmp_path: Path, name: str, value: str) -> None:
    file = tmp_path / "secret"
    file.write_text(value + "\n")

    assert read_settings({name: value}) == read_settings({f"{name}_FILE": str(file)})


def test_a_setting_that_is_no_secret_is_read_from_no_file(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("9000\n")
    given = {"FARADAY_PORT_FILE": str(file)}

    assert 8000 == read_settings(given).port
    assert ["FARADAY_PORT_FILE"] == [line.split()[0] for line in warnings_of(given, Settings())]


def test_a_secret_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)

    line = refusal({"FARADAY_SECRET_KEY": SECRET, "FARADAY_SECRET_KEY_FILE": str(file)})

    assert "FARADAY_SECRET_KEY is given twice, as FARADAY_SECRET_KEY_FILE too." == line


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")

    for file, problem in (
        (tmp_path / "missing", "No such file"),
        (tmp_path, "directory"),
        (binary, "no UTF-8 text"),
    ):
        line = refusal({"FARADAY_SECRET_KEY_FILE": str(file)})
        assert line.startswith("FARADAY_SECRET_KEY_FILE ")
        assert problem in line


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\n")

    for name in ("FARADAY_SECRET_KEY_FILE", "FARADAY_METRICS_TOKEN_FILE"):
        assert f"{name} names a file that is empty." == refusal({name: str(file)})


def test_production_starts_with_a_secret_and_a_proxy() -> None:
    found = read_settings(PRODUCTION)

    assert Environment.PRODUCTION is found.environment
    assert not found.registration_open
    assert found.logs_json
    assert [] == list(warnings_of(PRODUCTION, found))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"FARADAY_SECRET_KEY": ""}, "FARADAY_SECRET_KEY is missing"),
        ({"FARADAY_SECRET_KEY": "x1" * 15}, "FARADAY_SECRET_KEY is shorter than 32 bytes"),
        ({"FARADAY_SECRET_KEY": "x" * 64}, "FARADAY_SECRET_KEY is one repeated character"),
        ({"FARADAY_SECRET_KEY": "é" * 32}, "FARADAY_SECRET_KEY is one repeated character"),
        ({"FARADAY_CORS_ORIGINS": "https://a.example,*"}, "FARADAY_CORS_ORIGINS is `*`"),
        ({"FARADAY_TRUSTED_PROXIES": ""}, "FARADAY_TLS_CERT is missing, and so is"),
    ],
)
def test_production_refuses_what_is_unsafe(given: Mapping[str, str], told: str) -> None:
    assert told in refusal({**PRODUCTION, **given})


@pytest.mark.parametrize(
    "given",
    [
        {"FARADAY_SECRET_KEY": "x" * 8},
        {"FARADAY_CORS_ORIGINS": "*"},
        {"FARADAY_TRUSTED_PROXIES": ""},
    ],
)
def test_development_starts_with_the_same(given: Mapping[str, str]) -> None:
    assert not read_settings(given).in_production


def test_a_certificate_of_ones_own_stands_for_a_proxy() -> None:
    given = PRODUCTION | {"FARADAY_TRUSTED_PROXIES": "", "FARADAY_TLS_CERT": "/etc/ssl/f.pem"}

    assert "FARADAY_TLS_KEY is missing" in refusal(given)
    assert read_settings(given | {"FARADAY_TLS_KEY": "/etc/ssl/f.key"}).tls_cert


def test_an_unknown_variable_is_a_warning_with_the_nearest_name() -> None:
    given = {"FARADAY_DATABSE_URL": "postgresql://db/x", "FARADAY_PROT": "1", "MAX_LOGIN": "1"}

    assert [
        "FARADAY_DATABSE_URL is no setting; did you mean FARADAY_DATABASE_URL?",
        "FARADAY_PROT is no setting; did you mean FARADAY_PORT?",
    ] == list(warnings_of(given, read_settings(given)))


def test_production_warns_where_there_is_no_mail_server() -> None:
    given = PRODUCTION | {"FARADAY_SMTP_URL": ""}

    assert ["FARADAY_SMTP_URL"] == [
        line.split()[0] for line in warnings_of(given, read_settings(given))
    ]


def test_no_secret_is_ever_shown() -> None:
    given = {
        "FARADAY_SECRET_KEY": SECRET,
        "FARADAY_FORMER_SECRET_KEYS": f"former-{SECRET}",
        "FARADAY_DATABASE_URL": f"postgresql://faraday:{SECRET}@db/faraday",
        "FARADAY_SMTP_URL": f"smtp://user:{SECRET}@mail.example.org",
        "FARADAY_METRICS_TOKEN": f"token-{SECRET}",
    }
    found = read_settings(given)

    assert SECRET not in repr(found)
    assert SECRET not in repr(list(explain(given, found)))
    assert {"(set)"} == {one.value for one in explain(given, found) if one.name in given}
