"""An answer that is no JSON: a picture, as it is shown in a page."""

from typing import ClassVar

import attrs


@attrs.frozen
class Content:
    """`MEDIA_TYPES`: those that there are, for the API's description."""

    MEDIA_TYPES: ClassVar = ("image/webp", "image/svg+xml")

    body: bytes = attrs.field(repr=False)
    media_type: str
    tag: str
    filename: str

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": self.media_type,
            "Content-Disposition": f'inline; filename="{self.filename}"',
            "Vary": "Authorization",
        }
