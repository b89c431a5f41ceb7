from datetime import timedelta

from attrs import frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.ports import Clock
from faraday_core.privacy.erasure_service import ErasureService
from faraday_core.privacy.holding import Personal, Retention
from faraday_core.privacy.model import PrivacyPolicy, Retained, RetentionReport
from faraday_core.privacy.ports import PrivacyStorage
from faraday_core.privacy.rules import IMPORTS, retained
from faraday_core.roster.thinning import ImportThinning


@frozen
class RetentionService:
    """Removes what has been kept long enough; a worker calls it once an hour."""

    storage: PrivacyStorage
    policy: PrivacyPolicy
    erasures: ErasureService
    imports: ImportThinning
    now: Clock

    async def run(self, actor: Actor, *, dry_run: bool = False) -> RetentionReport:
        """By every rule that bounds a kind. `dry_run`: say what would go, and leave it."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        kinds = [
            Retained(rule.kind, self._days(rule), await self._apply(holding, rule, dry=dry_run))
            for holding, rule in retained()
        ]
        return RetentionReport(dry_run, (*kinds, await self._imports(dry=dry_run)))

    async def _imports(self, *, dry: bool) -> Retained:
        now, days, thin = self.now(), self._days(IMPORTS), 0
        if days:
            thin = await self.imports.thin(now - timedelta(days=days), now, dry=dry)
        return Retained(IMPORTS.kind, days, thin)

    def _days(self, rule: Retention) -> int:
        return self.policy.retention.get(rule.kind, rule.days)

    async def _apply(self, holding: Personal, rule: Retention, *, dry: bool) -> int:
        if not (days := self._days(rule)):
            return 0
        before = self.now() - timedelta(days=days)
        if holding.kind is User:
            async with self.storage.look_everywhere(WORKER) as reader:
                inactive = await reader.held.inactive(before)
            if not dry:
                for user_id in inactive:
                    await self.erasures.erase(WORKER, user_id)
            return len(inactive)
        if dry:
            async with self.storage.look_everywhere(WORKER) as reader:
                return await reader.held.count(holding, rule.column, before)
        async with self.storage.begin(WORKER) as unit:
            return await unit.removal.older(holding, rule.column, before)
