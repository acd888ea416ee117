"""A bucket that speaks S3, as a file system of fsspec.

Not s3fs: it runs an asyncio loop in a thread, which cannot live in the API's processes, where gevent has made threads
into greenlets (docs/decisions/0013). This asks through ordinary sockets, which wait as gevent wants them to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from backend.config import Settings
from backend.infra.storage import StoreAway

# A store takes at most 10,000 parts: the largest file is about 160 GB. Two such blocks are in memory at a time.
_BLOCK_BYTES = 16 * 1024 * 1024
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 3, 20, 3


class Bucket(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no hints
    """Objects by `bucket/key`. Nothing is contacted before the first call."""

    protocol = "s3"
    cachable = False

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.client = Session().create_client(
            "s3",
            region_name=settings.s3_region or None,
            endpoint_url=settings.s3_endpoint or None,
            aws_access_key_id=settings.s3_access_key or None,
            aws_secret_access_key=settings.s3_secret_key.get_secret_value() or None,
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
                # Stores other than Amazon's are found by path, and not all know the newer checksums.
                s3={"addressing_style": "path"} if settings.s3_endpoint else {},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size and age of one object.

        Raises:
            FileNotFoundError: there is none.
            StoreAway: nobody knows.
        """
        with told(path):
            found = self.client.head_object(**where(path))
        return {
            "name": path,
            "type": "file",
            "size": found["ContentLength"],
            "LastModified": found["LastModified"],
        }

    def modified(self, path: str) -> datetime:
        """When it was written; as `info`."""
        moment: datetime = self.info(path)["LastModified"]
        return moment

    def find(self, path: str, **_: Any) -> list[str]:
        """All objects below a folder.

        Raises:
            StoreAway: nobody knows.
        """
        place = where(path)
        with told(path):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=place["Bucket"], Prefix=f"{place['Key']}/".lstrip("/")
            )
            return [f"{place['Bucket']}/{one['Key']}" for page in pages for one in page.get("Contents", ())]

    def rm_file(self, path: str) -> None:
        """Delete an object; harmless where there is none.

        Raises:
            StoreAway: it is not deleted.
        """
        with told(path):
            self.client.delete_object(**where(path))

    def unfinished(self, path: str) -> Iterator[tuple[str, str, datetime]]:
        """Uploads to names that begin so and that nobody has ended: name, the store's id of it, since when."""
        place = where(path)
        with told(path):
            pages = self.client.get_paginator("list_multipart_uploads").paginate(
                Bucket=place["Bucket"], Prefix=place["Key"]
            )
            for page in pages:
                for one in page.get("Uploads", ()):
                    if one["Key"].startswith(place["Key"]):  # some stores do not look at the prefix
                        yield f"{place['Bucket']}/{one['Key']}", one["UploadId"], one["Initiated"]

    def abort(self, path: str, upload_id: str) -> None:
        """End an upload that is not to become an object; harmless where it has ended."""
        try:
            with told(path):
                self.client.abort_multipart_upload(**where(path), UploadId=upload_id)
        except FileNotFoundError:
            return

    def _open(
        self, path: str, mode: str = "rb", block_size: Any = None, autocommit: bool = True, **more: Any
    ) -> BucketFile:
        return BucketFile(
            self, path, mode, block_size=block_size or _BLOCK_BYTES, autocommit=autocommit, **more
        )


class BucketFile(AbstractBufferedFile):  # type: ignore[misc]  # fsspec has no hints
    """One object: read in ranges, or written in parts. With `autocommit=False` it appears at `commit`."""

    def __init__(self, fs: Bucket, path: str, mode: str, **more: Any) -> None:
        self._client = fs.client
        self._parts: list[dict[str, Any]] = []
        self._upload_id = ""
        self._whole: bytes | None = None
        super().__init__(fs, path, mode, **more)

    def commit(self) -> None:
        """Let it appear.

        Raises:
            StoreAway: it does not.
        """
        with told(self.path):
            if self._whole is not None:
                self._client.put_object(**where(self.path), Body=self._whole)
            else:
                self._client.complete_multipart_upload(
                    **where(self.path), UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
                )

    def discard(self) -> None:
        """Forget what was uploaded."""
        if self._upload_id:
            self.fs.abort(self.path, self._upload_id)

    def _initiate_upload(self) -> None:
        """fsspec calls this before the first part; what fits into one part needs no upload in parts."""

    def _upload_chunk(self, final: bool = False) -> bool:
        block = self.buffer.getvalue()
        if final and not self._parts:
            self._whole = block
        elif block:
            self._add_part(block)
        if final and self.autocommit:
            self.commit()
        return True

    def _add_part(self, block: bytes) -> None:
        number = len(self._parts) + 1
        with told(self.path):
            if not self._upload_id:
                self._upload_id = self._client.create_multipart_upload(**where(self.path))["UploadId"]
            done = self._client.upload_part(
                **where(self.path), UploadId=self._upload_id, PartNumber=number, Body=block
            )
        self._parts.append({"PartNumber": number, "ETag": done["ETag"]})

    def _fetch_range(self, start: int, end: int) -> bytes:
        with told(self.path):
            found = self._client.get_object(**where(self.path), Range=f"bytes={start}-{end - 1}")
            block: bytes = found["Body"].read()
        return block


def where(path: str) -> dict[str, str]:
    """A path as the store's calls name it."""
    bucket, _, key = path.partition("/")
    return {"Bucket": bucket, "Key": key}


@contextmanager
def told(path: str) -> Iterator[None]:
    """Turn what the store's client raises into what files raise."""
    try:
        yield
    except ClientError as refused:
        status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = refused.response.get("Error", {}).get("Code")
        if status == HTTPStatus.NOT_FOUND and code != "NoSuchBucket":
            raise FileNotFoundError(path) from None
        raise StoreAway(f"the store refuses {path}: {refused}") from refused
    except BotoCoreError as away:
        raise StoreAway(f"the store of {path} cannot be asked: {away}") from away
