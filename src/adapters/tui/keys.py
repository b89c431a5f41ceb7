"""The keys that do the same everywhere. What has a tooltip is in the help and in the palette."""

from typing import Final

from textual.binding import Binding

HELP: Final = Binding(
    "f1,question_mark", "app.help", "Help", key_display="F1", tooltip="Says what the keys do here"
)
FIND: Final = Binding("f2", "app.find", "Find", key_display="F2", tooltip="Finds a person")
PLACES: Final = Binding(
    "f3", "app.places", "Places", key_display="F3", tooltip="Shows the tree of organisations"
)
AUDIT: Final = Binding(
    "f4", "app.audit", "Audit", key_display="F4", tooltip="Shows what was done, by whom, to whom"
)
IMPORTS: Final = Binding(
    "f5", "app.imports", "Imports", key_display="F5", tooltip="Watches imports as they run"
)
BACK: Final = Binding("escape", "back", "Back", tooltip="Goes back to where you were")
QUIT: Final = Binding(
    "ctrl+q", "app.quit", "Quit", key_display="^q", priority=True, tooltip="Signs out and ends"
)
