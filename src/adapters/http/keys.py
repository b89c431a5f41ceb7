from adapters.http.routes import Routes, Terms
from faraday_core.identity.key_service import Jwks, KeyService

routes = Routes("auth", base="/.well-known")


@routes.on("GET /jwks.json", Terms(cache_control="public, max-age=60"))
async def get_jwks(keys: KeyService) -> Jwks:
    """The public keys of access tokens (RFC 7517)."""
    return await keys.jwks()
