from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType


class Keys(Provider):
    """Whatever a key does on this screen, by its name as well."""

    async def discover(self) -> Hits:
        for name, says, run in self._commands():
            yield DiscoveryHit(name, run, help=says)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, says, run in self._commands():
            score = max(matcher.match(name), matcher.match(says))
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=says)

    def _commands(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        told: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            own = binding.tooltip and binding.action not in {"command_palette", *told}
            if active.enabled and own:
                told.add(binding.action)
                name = f"{binding.description}  ({self.app.get_key_display(binding)})"
                run = partial(self.app.run_action, binding.action, active.node)
                yield name, binding.tooltip, run
