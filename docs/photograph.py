"""A page as a browser shows it."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory


def photographed(page: bytes) -> bytes | None:
    """A PNG; None where there is no browser to ask."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        return None
    with TemporaryDirectory() as folder:
        html, picture = Path(folder) / "page.html", Path(folder) / "page.png"
        html.write_bytes(page)
        window = ("--window-size=1000,820", "--hide-scrollbars", f"--screenshot={picture}")
        asked = ("--headless", "--no-sandbox", "--disable-gpu", *window, html.as_uri())
        subprocess.run([browser, *asked], check=True, capture_output=True, timeout=120)  # noqa: S603 -- ours
        return picture.read_bytes()
