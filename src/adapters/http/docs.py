"""The documentation page: Swagger UI out of an installed package, so that it works offline."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aiohttp import web

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
_FILES: Final = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Faraday API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript; what it shows is at /api/v1/openapi.json.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# Who signs in on the page by `POST /auth/login` is signed in on the page.
_START: Final = """const page = SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
  responseInterceptor: (response) => {
    const signedIn = /\\/auth\\/(login|refresh)$/.test(new URL(response.url).pathname);
    if (response.ok && signedIn && response.obj) {
      page.preauthorizeApiKey("token", response.obj.access_token);
      page.authActions.authorize({
        token: {
          name: "token",
          schema: { type: "http", scheme: "bearer" },
          value: response.obj.access_token,
        },
      });
    }
    return response;
  },
});
"""


def add_docs(server: web.Application) -> None:
    pages = {
        "/docs": ("text/html; charset=utf-8", _PAGE.encode()),
        "/docs/start.js": ("text/javascript; charset=utf-8", _START.encode()),
    }
    folder = _swagger_ui()
    pages |= {
        f"/docs/{name}": (kind, (folder / name).read_bytes()) for name, kind in _FILES.items()
    }
    for path, (kind, content) in pages.items():
        server.router.add_get(path, _answering(kind, content))


def _answering(kind: str, content: bytes):  # type: ignore[no-untyped-def]  # aiohttp's handler
    async def answer(_: web.Request) -> web.Response:
        headers = {
            "Content-Type": kind,
            "Content-Security-Policy": CSP,
            "Cache-Control": "public, max-age=3600",
        }
        return web.Response(body=content, headers=headers)

    return answer


def _swagger_ui() -> Path:
    # Only looked up: the package itself would bring a template engine along.
    package = find_spec("swagger_ui")
    assert package
    assert package.origin
    return Path(package.origin).parent / "static"
