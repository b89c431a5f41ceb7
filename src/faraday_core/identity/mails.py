"""The mails that an account sends. A token stands on a line of its own, for all who read it."""

from faraday_core.identity.model import User
from faraday_core.mail.model import Mail


def verify_address(user: User, token: str) -> Mail:
    return _mail(
        user,
        "Please confirm your e-mail address",
        "An account was made with this e-mail address. To confirm that it is yours, enter this\n"
        "code within three days:",
        token,
        "If it was not you, do nothing: without it the address is not confirmed.",
    )


def reset_password(user: User, token: str, minutes: int) -> Mail:
    return _mail(
        user,
        "Set a new password",
        "Somebody, most likely you, asked to set a new password for your account. Enter this\n"
        f"code within {minutes} minutes:",
        token,
        "If it was not you, do nothing: your password stays as it is.",
    )


def invitation(user: User, token: str) -> Mail:
    return _mail(
        user,
        "Your account is ready",
        "Your school has made an account for you. To choose a password, enter this code within\n"
        "14 days:",
        token,
        "If you did not expect this, ask your school.",
    )


def password_changed(user: User) -> Mail:
    return _mail(
        user,
        "Your password was changed",
        "The password of your account has just been changed.",
        None,
        "If it was not you, ask for a new one at once and tell your school.",
    )


def _mail(user: User, subject: str, text: str, token: str | None, closing: str) -> Mail:
    lines = [f"Hello {user.full_name},", "", text, ""]
    if token:
        lines += [f"Token: {token}", ""]
    return Mail(to=user.email or "", subject=subject, text="\n".join([*lines, closing, ""]))
