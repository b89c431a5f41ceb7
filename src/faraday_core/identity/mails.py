"""The mails that an account sends. A token stands on a line of its own, for all who read it."""

from datetime import datetime

from attrs import evolve

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


def new_device(user: User, at: datetime, where: str) -> Mail:
    """`where`: in coarse words."""
    return _mail(
        user,
        "A new device signed in to your account",
        "A device that was not seen before has just signed in to your account:\n\n"
        f"  {where}\n  on {at:%d %B %Y at %H:%M} UTC",
        None,
        "If it was you, do nothing. If it was not, end that device in the list of your devices\n"
        "and set a new password at once: that ends all other devices, too. Then tell your school.",
    )


def address_changed(user: User, old: str) -> Mail:
    """To the address that was the account's until now."""
    mail = _mail(
        user,
        "The e-mail address of your account was changed",
        "An administrator has just given your account another e-mail address. You sign in with\n"
        "that one from now on; this one is no longer used.",
        None,
        "If you did not expect this, tell your school at once.",
    )
    return evolve(mail, to=old)


def address_given(user: User, token: str) -> Mail:
    return _mail(
        user,
        "Please confirm your e-mail address",
        "An administrator has given your account this e-mail address; you sign in with it from\n"
        "now on. To confirm that it is yours, enter this code within three days:",
        token,
        "If you did not expect this, tell your school.",
    )


def _mail(user: User, subject: str, text: str, token: str | None, closing: str) -> Mail:
    lines = [f"Hello {user.full_name},", "", text, ""]
    if token:
        lines += [f"Token: {token}", ""]
    return Mail(to=user.email or "", subject=subject, text="\n".join([*lines, closing, ""]))
