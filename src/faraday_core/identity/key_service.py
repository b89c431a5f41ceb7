from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from faraday_core.identity.model import SigningKey
from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.ports import AccessTokens, IdentityStorage, KeyPair
from faraday_core.identity.session_model import Claims
from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import NOBODY, WORKER, Actor
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.secrets import Sealer

# Every process has heard of a new key by then, and signs with it.
HEARD: Final = timedelta(seconds=60)


@frozen
class Jwk:
    """An Ed25519 public key (RFC 8037, 2)."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = "EdDSA"
    use: str = "sig"


@frozen
class Jwks:
    """RFC 7517, 5."""

    keys: tuple[Jwk, ...]


@frozen
class KeyService:
    """The keys that access tokens are signed with. During a change two are valid: the new one,
    and the old one until its last token has expired."""

    storage: IdentityStorage
    policy: SignInPolicy
    tokens: AccessTokens
    sealer: Sealer
    now: Clock
    new_id: NewId

    async def load(self) -> None:
        """Use the keys that storage has; make the first, where it has none.

        Raises SealBroken where they were sealed with another secret.
        """
        keys = await self._living()
        if not keys:
            await self._add()
            keys = await self._living()
        pairs = [self._opened(key) for key in keys]
        self.tokens.use(pairs[0], pairs)

    async def read(self, token: str) -> Claims:
        """What an access token says; a key that is not known yet is looked up.

        Raises NotSignedIn (`invalid_token`, `token_expired`).
        """
        if self.tokens.misses_key_of(token):
            await self.load()
        return self.tokens.read(token)

    async def rotate(self, actor: Actor) -> str:
        """Sign with a new key from now on; answers its id. Nobody is signed out."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        retires_at = self.now() + HEARD + timedelta(seconds=self.policy.access_token_seconds)
        rotating = actor.through("key rotation")
        new = await self._add(rotating)
        async with self.storage.begin(rotating) as unit:
            for key in await unit.signing_keys.all():
                if key.id != new and key.retires_at is None:
                    held = await unit.hold(SigningKey, key.id)
                    await unit.save(evolve(held, retires_at=retires_at))
            await unit.account("key.rotate", "signing_key", new)
        await self.load()
        return new

    async def jwks(self) -> Jwks:
        """The public keys, for whoever wants to check an access token without asking."""
        keys = await self._living()
        return Jwks(
            tuple(
                Jwk(key.id, urlsafe_b64encode(key.public_key).decode().rstrip("=")) for key in keys
            )
        )

    async def _living(self) -> Sequence[SigningKey]:
        """The newest first."""
        async with self.storage.look(NOBODY) as reader:
            keys = await reader.signing_keys.all()
        now = self.now()
        return [key for key in keys if key.retires_at is None or key.retires_at > now]

    async def _add(self, actor: Actor = WORKER) -> str:
        pair = self.tokens.new_key(self.new_id())
        sealed = self.sealer.seal(pair.private, "signing key")
        async with self.storage.begin(actor) as unit:
            await unit.add(SigningKey(pair.id, pair.public, sealed, created_at=self.now()))
        return pair.id

    def _opened(self, key: SigningKey) -> KeyPair:
        private = self.sealer.open(key.private_key, "signing key")
        return KeyPair(key.id, key.public_key, private)
