from attrs import field, frozen

from adapters.http.routes import Routes, Terms
from faraday_core.identity.passwords import GivenPassword
from faraday_core.identity.totp_service import NewTotp, TotpConfirmed, TotpService, TotpState
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.rules import Token

routes = Routes("second factor")


@routes.on("GET /auth/totp")
async def get_totp(actor: Actor, totp: TotpService) -> TotpState:
    """Whether one's own second factor is on."""
    return await totp.state(actor)


@routes.on("POST /auth/totp", Terms(location="/api/v1/auth/totp"))
async def start_totp(actor: Actor, totp: TotpService) -> NewTotp:
    """Begin with a second factor: a secret for an authenticator app."""
    return await totp.start(actor)


@frozen
class Code:
    code: Token = field(repr=False)


@routes.on("POST /auth/totp/confirm", Terms(auth_rate=True))
async def confirm_totp(actor: Actor, totp: TotpService, body: Code) -> TotpConfirmed:
    """Switch the second factor on, by a code that the app shows."""
    return await totp.confirm(actor, code=body.code)


@frozen
class OwnPassword:
    password: GivenPassword = field(repr=False)


@routes.on("DELETE /auth/totp", Terms(auth_rate=True))
async def stop_totp(actor: Actor, totp: TotpService, body: OwnPassword) -> None:
    """Switch the second factor off, by one's password."""
    await totp.stop(actor, password=body.password)
