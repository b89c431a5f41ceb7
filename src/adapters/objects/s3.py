"""Objects in a bucket of whatever speaks S3, by AWS's own client."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from attrs import field, frozen
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from faraday_core.kernel.errors import NotFound, Unavailable
from faraday_core.kernel.objects import require_name

_AT_ONCE: Final = 8  # requests to the bucket
_MOST_DELETED: Final = 1000  # by one request: S3's own limit
_ABSENT: Final = frozenset({"NoSuchKey", "404"})

T = TypeVar("T")


@frozen
class Bucket:
    """Where it is, from `s3://KEY@host[:port]/bucket[/prefix][?region=…]`; `s3+http://` goes
    without TLS. Without a key, the client looks for one itself, as on a machine that has a role.
    """

    endpoint: str
    name: str
    prefix: str
    region: str
    key: str | None
    secret: str | None = field(default=None, repr=False)


def bucket_of(url: str, secret: str | None) -> Bucket:
    """Raises ValueError."""
    parts = urlsplit(url)
    name, _, prefix = parts.path.strip("/").partition("/")
    if parts.username and not secret:
        raise ValueError("names a key, and FARADAY_OBJECT_STORE_SECRET is not set")
    scheme = "http" if parts.scheme == "s3+http" else "https"
    at = parts.netloc.rpartition("@")[2]
    return Bucket(
        endpoint=f"{scheme}://{at}",
        name=name,
        prefix=f"{prefix}/" if prefix else "",
        region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
        key=unquote(parts.username) if parts.username else None,
        secret=secret if parts.username else None,
    )


class S3Objects:
    """boto3 waits, so each request does so on a thread of its own few."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        # boto3 makes its classes at run time, and so has no types.
        self._client: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            aws_access_key_id=bucket.key,
            aws_secret_access_key=bucket.secret,
            config=_CONFIG,
        )
        self._threads = ThreadPoolExecutor(_AT_ONCE, "objects")

    async def put(self, name: str, content: bytes) -> None:
        await self._ask(
            lambda: self._client.put_object(
                Bucket=self._bucket.name, Key=self._key(name), Body=content
            )
        )

    async def get(self, name: str) -> bytes:
        def read() -> bytes:
            found = self._client.get_object(Bucket=self._bucket.name, Key=self._key(name))
            content: bytes = found["Body"].read()
            return content

        return await self._ask(read)

    async def put_file(self, name: str, file: Path) -> None:
        """A large one goes in parts (S3's multipart upload)."""
        key, bucket = self._key(name), self._bucket.name
        await self._ask(lambda: self._client.upload_file(str(file), bucket, key))

    async def get_file(self, name: str, file: Path) -> None:
        key, bucket = self._key(name), self._bucket.name
        await self._ask(lambda: self._client.download_file(bucket, key, str(file)))

    async def delete(self, names: Collection[str]) -> None:
        keys = [{"Key": self._key(name)} for name in names]
        for at in range(0, len(keys), _MOST_DELETED):
            some = {"Objects": keys[at : at + _MOST_DELETED], "Quiet": True}
            done = await self._ask(
                lambda some=some: self._client.delete_objects(  # type: ignore[misc]  # no types
                    Bucket=self._bucket.name, Delete=some
                )
            )
            if failed := done.get("Errors"):
                raise _unavailable(failed[0].get("Code", "an error"))

    async def names(self, prefix: str) -> Sequence[str]:
        return sorted(await self._ask(lambda: [*self._found(prefix)]))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _found(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        begin = self._bucket.prefix + prefix
        for page in pages.paginate(Bucket=self._bucket.name, Prefix=begin):
            for found in page.get("Contents", ()):
                yield found["Key"].removeprefix(self._bucket.prefix)

    def _key(self, name: str) -> str:
        return self._bucket.prefix + require_name(name)

    async def _ask(self, request: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, request)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "an error")
            if code in _ABSENT:
                raise NotFound("There is no such object.") from None
            raise _unavailable(code) from error
        except (BotoCoreError, Boto3Error) as error:
            raise _unavailable(type(error).__name__) from error


# Path style, and no checksums beyond S3's first ones: what other makers' servers understand, too.
_CONFIG: Final = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=_AT_ONCE,
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


def _unavailable(reason: str) -> Unavailable:
    return Unavailable(f"The object store does not do it: {reason}.", retry_after=5)
