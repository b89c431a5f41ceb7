from http import HTTPStatus

from attrs import asdict, frozen

from adapters.http.routes import Routes, Terms
from faraday_core.identity.auth_service import AuthService
from faraday_core.identity.email_service import EmailService
from faraday_core.identity.model import (
    Login,
    PasswordChange,
    PasswordReset,
    Registration,
    UserView,
    view_of,
)
from faraday_core.identity.password_service import ForgottenAddress, PasswordService
from faraday_core.identity.session_model import Identity, Refreshed, RefreshRequest, SignIn
from faraday_core.identity.session_service import SessionService
from faraday_core.kernel.actor import Actor, Origin
from faraday_core.kernel.rules import Token

routes = Routes("auth")

# A wrong password, code or token is 401; a refused or hurried sign-in 403 or 503.
_SIGN_IN = Terms(
    auth_rate=True,
    status=HTTPStatus.OK,
    refusals=(HTTPStatus.UNAUTHORIZED,),
)
_SENT_LATER = Terms(auth_rate=True, status=HTTPStatus.ACCEPTED)


@routes.on(
    "POST /auth/register",
    Terms(
        location="/api/v1/users/{id}",
        auth_rate=True,
        idempotent=True,
        refusals=(HTTPStatus.FORBIDDEN,),
    ),
)
async def register(auth: AuthService, origin: Origin, body: Registration) -> UserView:
    """Make an account for oneself, without any role.

    Its address is sent a token by which it is verified.
    """
    return await auth.register(**asdict(body), origin=origin)


@routes.on("POST /auth/login", _SIGN_IN)
async def login(auth: AuthService, origin: Origin, body: Login) -> SignIn:
    """Sign in with address and password.

    Keep `device_token` and send it with the next sign-in from this device: then others' wrong
    guesses do not lock it out.
    """
    return await auth.login(**asdict(body), origin=origin)


@routes.on("POST /auth/refresh", _SIGN_IN)
async def refresh(auth: AuthService, origin: Origin, body: RefreshRequest) -> Refreshed:
    """Spend a refresh token for its successor and a new access token."""
    return await auth.refresh(refresh_token=body.refresh_token, origin=origin)


@frozen
class Logout:
    all_sessions: bool = False


@routes.on("POST /auth/logout", Terms(optional_body=True))
async def logout(actor: Actor, sessions: SessionService, body: Logout = Logout()) -> None:
    """End this session, or all of one's own."""
    await sessions.logout(actor, all_sessions=body.all_sessions)


@routes.on("GET /auth/me")
async def get_me(identity: Identity) -> UserView:
    """Who is signed in."""
    return view_of(identity.person)


@routes.on("POST /auth/change-password", Terms(auth_rate=True))
async def change_password(actor: Actor, passwords: PasswordService, body: PasswordChange) -> None:
    """Set another password; all other sessions and all devices end."""
    await passwords.change(
        actor, current_password=body.current_password, new_password=body.new_password
    )


@routes.on("POST /auth/forgot-password", _SENT_LATER)
async def forgot_password(
    passwords: PasswordService, origin: Origin, body: ForgottenAddress
) -> None:
    """Ask for a token to set a password by; it is mailed, if the address is somebody's."""
    await passwords.forget(email=body.email, origin=origin)


@routes.on("POST /auth/reset-password", Terms(auth_rate=True))
async def reset_password(passwords: PasswordService, origin: Origin, body: PasswordReset) -> None:
    """Set a password by a token that was mailed; every session ends."""
    await passwords.reset(token=body.token, new_password=body.new_password, origin=origin)


@frozen
class VerificationToken:
    token: Token


@routes.on("POST /auth/verify-email", Terms(auth_rate=True))
async def verify_email(emails: EmailService, origin: Origin, body: VerificationToken) -> None:
    """Show that an address is one's own, by the token that was sent there."""
    await emails.verify(token=body.token, origin=origin)


@routes.on("POST /auth/verify-email/resend", _SENT_LATER)
async def resend_verification(actor: Actor, emails: EmailService) -> None:
    """Send that token again."""
    await emails.resend(actor)
