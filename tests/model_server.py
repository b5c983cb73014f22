"""A publisher of speech models for the tests: a real HTTP server on loopback, good or bad."""

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from coach.download import Published
from coach.models import REQUIRED, REQUIRED_IVECTOR

NAME = "vosk-model-small-en-us-0.15"


def model_files(seed: int = 1) -> dict[str, bytes]:
    """Return the files of a synthetic small model, 0.7 MB that do not compress."""
    noise = random.Random(seed)
    files = {name: noise.randbytes(200) for name in (*REQUIRED, *REQUIRED_IVECTOR)}
    return files | {"graph/HCLr.fst": noise.randbytes(700_000), "README": b"synthetic\n"}


def zipped(files: Mapping[str, bytes], root: str = NAME) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{root}/{name}" if root else name, content)
    return out.getvalue()


class Publisher:
    """Serves ``files`` by path and records the requests.

    ``cuts``: for the next requests of a file, after how many bytes the connection is cut.
    ``ranges``: whether Range is honoured.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.ranges = True
        self.requests: list[tuple[str, str | None]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def list_url(self) -> str:
        return f"{self.url}/list.json"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def publish(self, content: bytes, name: str = NAME, **changed: Any) -> Published:
        """Serve a zip and the list with it alone; ``changed`` are wrong entries of the list."""
        self.files[f"/{name}.zip"] = content
        entry = {
            "lang": "en-us",
            "lang_text": "US English",
            "md5": hashlib.md5(content).hexdigest(),
            "name": name,
            "obsolete": "false",
            "size": len(content),
            "size_text": "0.7MiB",
            "type": "small",
            "url": f"{self.url}/{name}.zip",
            "version": "0.15",
        } | changed
        self.files["/list.json"] = json.dumps([entry]).encode()
        fields = {k: v for k, v in entry.items() if k in Published.__struct_fields__}
        return Published(**fields | {"obsolete": False})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.answer(body=False)

            def do_GET(self) -> None:
                self.answer(body=True)

            def answer(self, body: bool) -> None:
                wanted = self.headers.get("Range")
                publisher.requests.append((self.path, wanted))
                content = publisher.files.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                start = 0
                if wanted and publisher.ranges:
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                    if start >= len(content):
                        self.send_error(416)
                        return
                    self.send_response(206)
                    self.send_header(
                        "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                    )
                else:
                    self.send_response(200)
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                if not body:
                    return
                rest = content[start:]
                if publisher.cuts and self.path.endswith(".zip"):
                    rest = rest[: publisher.cuts.pop(0)]
                self.wfile.write(rest)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler
