"""Sample data that is not part of this repository."""

import os
from pathlib import Path


def data_folder() -> Path | None:
    """`FARADAY_TEST_DATA`, else a folder beside the repository; None where neither is there."""
    told = os.environ.get("FARADAY_TEST_DATA")
    folder = Path(told) if told else Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None
