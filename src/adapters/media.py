"""What stands behind people's pictures and texts: where they are kept, and what makes them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import frozen

from adapters.installation import CannotStart, Installation
from adapters.objects.folder import FolderObjects
from adapters.objects.memory import MemoryObjects
from adapters.pictures.process import PictureProcess
from faraday_core.kernel.objects import ObjectStore
from faraday_core.profiles.ports import Pictures, RichText


@frozen
class Media:
    objects: ObjectStore
    pictures: Pictures
    rich_text: RichText


@asynccontextmanager
async def media_over(objects: ObjectStore) -> AsyncIterator[Media]:
    """The process that decodes pictures ends with the block, if it ever began."""
    pictures = PictureProcess()
    try:
        yield Media(objects, pictures, rich_text())
    finally:
        await pictures.close()


@asynccontextmanager
async def media_in_memory() -> AsyncIterator[Media]:
    async with media_over(MemoryObjects()) as media:
        yield media


@asynccontextmanager
async def media_of(installation: Installation) -> AsyncIterator[Media]:
    """Raises CannotStart."""
    with object_store(installation) as objects:
        async with media_over(objects) as media:
            yield media


@contextmanager
def object_store(installation: Installation) -> Iterator[ObjectStore]:
    """As FARADAY_OBJECT_STORE_URL has it; raises CannotStart."""
    url = installation.settings.object_store_url
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path)) if parts.path else installation.objects_folder
        yield FolderObjects(folder)
        return
    try:
        from adapters.objects.s3 import S3Objects, bucket_of  # noqa: PLC0415 -- few have it
    except ImportError as error:
        detail = "FARADAY_OBJECT_STORE_URL is a bucket, and boto3 is not installed: faraday[s3]."
        raise CannotStart(detail) from error
    try:
        objects = S3Objects(bucket_of(url, installation.settings.object_store_secret))
    except ValueError as error:
        raise CannotStart(f"FARADAY_OBJECT_STORE_URL {error}.") from error
    try:
        yield objects
    finally:
        objects.close()


def rich_text() -> RichText:
    try:
        from adapters.rich_text.markdown import MarkdownHtml  # noqa: PLC0415 -- as the next says
    except ImportError:  # a library user may not have it
        from adapters.rich_text.plain import PlainHtml  # noqa: PLC0415 -- as the last said

        return PlainHtml()
    return MarkdownHtml()
