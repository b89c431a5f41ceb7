from typing import ClassVar

from textual.binding import Binding
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from adapters.tui.desk import SupportDesk
from adapters.tui.seen import Place
from adapters.tui.telling import tell
from adapters.tui.texts import plain
from faraday_core.kernel.paging import Page


class PlacesTree(Tree[Place]):
    """Organisations with their departments and teams, each asked for when it is opened."""

    BINDINGS: ClassVar = [
        Binding("right", "open", "Open", show=False, tooltip="Shows what lies in a place"),
        Binding("left", "shut", "Shut", show=False, tooltip="Hides what lies in a place"),
    ]

    def __init__(self, desk: SupportDesk) -> None:
        super().__init__("Places")
        self._desk = desk
        self.show_root = False
        self.auto_expand = False
        self.guide_depth = 3

    def on_mount(self) -> None:
        self.run_worker(self._show_top())

    def action_open(self) -> None:
        if self.cursor_node and self.cursor_node.allow_expand:
            self.cursor_node.expand()

    def action_shut(self) -> None:
        node = self.cursor_node
        if node and node.is_expanded and node.allow_expand:
            node.collapse()
        elif node and node.parent and not node.parent.is_root:
            self.move_cursor(node.parent)

    def on_tree_node_expanded(self, event: "Tree.NodeExpanded[Place]") -> None:
        node = event.node
        if node.data and not node.children:
            self.run_worker(self._show_in(node, node.data))

    async def _show_top(self) -> None:
        try:
            self._show(self.root, await self._desk.top_places())
        except Exception as error:
            tell(self.screen, error)
        self.root.expand()
        self.move_cursor_to_line(0)

    async def _show_in(self, node: TreeNode[Place], place: Place) -> None:
        try:
            found = await self._desk.places_in(place)
        except Exception as error:
            node.collapse()
            tell(self.screen, error)
        else:
            self._show(node, found)

    def _show(self, node: TreeNode[Place], places: Page[Place]) -> None:
        for place in places.items:
            label = plain(place.name)
            if place.member_count:
                label.append(f"  {place.member_count}", "dim")
            if place.kind == "team":
                node.add_leaf(label, place)
            else:
                node.add(label, place)
        if places.next_cursor:
            node.add_leaf(plain("… and more than a terminal can show."))
        if not places.items:
            node.allow_expand = False
