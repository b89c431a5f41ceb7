"""Who sends a request: what the token says, and what storage says of that at this moment.

Of who asked before it is remembered who they were. That proves nothing, so it goes along with the
first question of the use case, to be found so again (`Evidence`): a session that was ended, or a
role that was taken away, in whatever process, holds at once, and no question is asked for that
alone. Storage that has no such evidence, as that in memory, is asked each time.
"""

from typing import Final

from aiohttp import web
from attrs import define

from faraday_core.identity.key_service import KeyService
from faraday_core.identity.session_model import Identity
from faraday_core.identity.session_service import SessionService
from faraday_core.identity.token_format import is_personal_token
from faraday_core.identity.token_service import TokenService
from faraday_core.kernel.actor import Actor, Origin
from faraday_core.kernel.errors import NotSignedIn

MOST_REMEMBERED: Final = 5_000  # about a kilobyte each


@define
class SignedIn:
    """One request's sender."""

    token: str
    identity: Identity
    origin: Origin

    @property
    def actor(self) -> Actor:
        return self.identity.acting(self.origin)

    @property
    def confirmed(self) -> bool:
        """Whether storage has said so in this very request."""
        return self.identity.evidence is None or self.identity.evidence.confirmed


class Authenticator:
    def __init__(self, keys: KeyService, sessions: SessionService, tokens: TokenService) -> None:
        self._keys = keys
        self._sessions = sessions
        self._tokens = tokens
        self._remembered: dict[str, Identity] = {}

    async def sender(self, request: web.Request, origin: Origin, *, anew: bool) -> SignedIn:
        """`anew`: ask storage now. Raises NotSignedIn (`not_signed_in`, `invalid_token`,
        `token_expired`)."""
        token = _bearer_token(request)
        known = self._remembered.get(token)
        if known is None or known.evidence is None or anew:
            return await self._ask(token, origin)
        if known.claims:
            claims = await self._keys.read(token)  # it may have expired
            assert known.claims == claims  # of the same token
        now = self._sessions.now()
        evidence = known.evidence.again(now, self._sessions.policy.unused_since(now))
        return SignedIn(token, known.remembered(evidence), origin)

    async def renew(self, sender: SignedIn) -> None:
        """What was remembered may be wrong by now: ask. Raises NotSignedIn."""
        sender.identity = (await self._ask(sender.token, sender.origin)).identity

    async def note_use(self, sender: SignedIn) -> None:
        """So that the session does not end for want of use, and a token that is in use shows."""
        identity = sender.identity
        if identity.token:
            await self._tokens.touch(identity)
        else:
            await self._sessions.touch(identity.acting(sender.origin), identity.used_at)

    async def _ask(self, token: str, origin: Origin) -> SignedIn:
        self._remembered.pop(token, None)
        identity = await self._identify(token)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)))
        self._remembered[token] = identity
        return SignedIn(token, identity, origin)

    async def _identify(self, token: str) -> Identity:
        if is_personal_token(token):
            return await self._tokens.identify(token)
        return await self._sessions.identify(await self._keys.read(token))


def _bearer_token(request: web.Request) -> str:
    """RFC 6750, 2.1; nothing else signs a request in, and above all no cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("This needs an access token: Authorization: Bearer <token>.")
    return token
