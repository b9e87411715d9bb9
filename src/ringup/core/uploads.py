"""Uploaded files stay in memory up to a bound, and never touch a disk in clear: they may be passports."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# The largest file that anybody may keep (10 MB), and what shows that it is larger.
MOST_KEPT = 10 * 1024 * 1024 + 1
# The largest request that is read at all; the proxies of ``deploy/`` say the same.
MOST_BODY = 24 * 1024 * 1024


class KeptInMemory(FileUploadHandler):
    """The only upload handler. What lies beyond the bound is counted and dropped, so that whoever
    takes the file can say how large it is."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept, self._left = io.BytesIO(), MOST_KEPT

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._kept.write(raw_data[: self._left])
        self._left = max(0, self._left - len(raw_data))

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._kept.seek(0)
        return InMemoryUploadedFile(
            file=self._kept,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
