"""What is held of people that they are not shown: secrets, and what makes the product run."""

from typing import Final

from faraday_core.audit.model import PersonalKey
from faraday_core.identity.model import (
    Credential,
    EmailVerification,
    PasswordResetToken,
    RecoveryCode,
    TotpSecret,
)
from faraday_core.identity.session_model import BlacklistedToken, RefreshToken
from faraday_core.mail.model import QueuedMail
from faraday_core.privacy.holding import Personal, Retention
from faraday_core.traffic.model import IdempotencyKey

_HASHED: Final = "a secret, of which there is but a hash"
_AGAIN: Final = "yours, once more"
_MACHINERY: Final = "counts for the machinery"

SECRETS_AND_MACHINERY: Final[tuple[Personal, ...]] = (
    Personal(
        Credential,
        "user_credentials",
        "Your password.",
        None,
        left_out={
            "id": _AGAIN,
            "password_hash": "a secret, hashed: who has the file could guess at it",
            "changed_at": "in the audit log",
        },
    ),
    Personal(
        TotpSecret,
        "totp_secrets",
        "Your second factor.",
        None,
        left_out={
            "id": _AGAIN,
            "secret": "a secret, sealed: who has it can sign in as you",
            "created_at": "in the audit log",
            "confirmed_at": "in the audit log",
            "last_step": _MACHINERY,
        },
    ),
    Personal(
        RecoveryCode,
        "recovery_codes",
        "Your recovery codes.",
        None,
        left_out={"id": _MACHINERY, "code_hash": _HASHED},
    ),
    Personal(
        PasswordResetToken,
        "password_reset_tokens",
        "Tokens that were mailed to you.",
        None,
        left_out={
            "id": _MACHINERY,
            "token_hash": _HASHED,
            "purpose": "in the audit log",
            "created_at": "in the audit log",
            "expires_at": _MACHINERY,
        },
        kept="until it expires",
    ),
    Personal(
        EmailVerification,
        "email_verifications",
        "Tokens that were mailed to you.",
        None,
        left_out={
            "id": _MACHINERY,
            "email_key": "the address, as in user.json",
            "token_hash": _HASHED,
            "created_at": "in the audit log",
            "expires_at": _MACHINERY,
        },
        kept="until it expires",
    ),
    Personal(
        RefreshToken,
        "refresh_tokens",
        "What keeps you signed in.",
        None,
        left_out={
            "id": _MACHINERY,
            "session_id": "in sessions.json",
            "token_hash": _HASHED,
            "issued_at": _MACHINERY,
            "spent_at": _MACHINERY,
        },
        kept="with its session",
    ),
    Personal(
        BlacklistedToken,
        "jwt_blacklist",
        "Access tokens that ended before their time.",
        None,
        left_out={"id": _MACHINERY, "expires_at": _MACHINERY, "created_at": _MACHINERY},
        kept="until the token expires",
    ),
    Personal(
        QueuedMail,
        "mails",
        "Mails to you that are on their way.",
        None,
        left_out={
            "id": _MACHINERY,
            "content": "sealed until it is sent, and gone then: the mail itself is yours",
            "created_at": _MACHINERY,
            "kind": _MACHINERY,
            "due_at": _MACHINERY,
            "waited": _MACHINERY,
            "claimed_at": _MACHINERY,
            "ended_at": _MACHINERY,
            "failure": "what a mail server said",
        },
        retention=Retention("mails", "ended_at", 30),
    ),
    Personal(
        IdempotencyKey,
        "idempotency_keys",
        "Answers that would be given again.",
        None,
        left_out={
            "id": _MACHINERY,
            "request_hash": "a keyed hash",
            "created_at": _MACHINERY,
            "answer": "a copy of what is in the other files, sealed",
        },
        kept="a day",
    ),
    Personal(
        PersonalKey,
        "personal_keys",
        "The key by which the audit log tells of you.",
        None,
        left_out={
            "id": "the pseudonym: known, it would lead back to you after erasure",
            "key": "a secret, sealed",
            "created_at": _MACHINERY,
        },
    ),
)
