from adapters.http.routes import Routes, Terms
from faraday_core.identity.token_model import MadeToken, NewToken, TokenView
from faraday_core.identity.token_service import TokenService
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest

routes = Routes("personal tokens")

_WHERE = "/api/v1/users/me/tokens/{id}"


@routes.on("GET /users/me/tokens")
async def list_tokens(actor: Actor, tokens: TokenService, page: PageRequest) -> Page[TokenView]:
    """One's own personal access tokens, the newest first."""
    return await tokens.list(actor, page)


@routes.on("POST /users/me/tokens", Terms(location=_WHERE, idempotent=True))
async def create_token(actor: Actor, tokens: TokenService, body: NewToken) -> MadeToken:
    """Make a token by which a program acts in one's stead; it is shown this once.

    It may do what its person may, of that what its scopes name; it makes no tokens, sets no
    password and erases nobody. Without `expires_at` it lives for 90 days.
    """
    return await tokens.create(actor, body)


@routes.on("GET /users/me/tokens/{token_id}")
async def get_token(actor: Actor, tokens: TokenService, token_id: str) -> TokenView:
    """One of one's own tokens, without what was shown once."""
    return await tokens.get(actor, token_id)


@routes.on("DELETE /users/me/tokens/{token_id}")
async def delete_token(actor: Actor, tokens: TokenService, token_id: str) -> None:
    """End one of one's own tokens at once."""
    await tokens.delete(actor, token_id)
