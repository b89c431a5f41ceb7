"""Logs to stderr: lines for people in development, JSON in production, and never a secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from adapters.settings import Settings

_SECRET: Final = re.compile(r"password|token|secret|authorization|cookie|code", re.IGNORECASE)
_SHOWN: Final = frozenset({"token_type", "status_code"})
# Loud at a level at which nothing has happened yet.
_QUIET: Final = ("aiohttp", "asyncio", "alembic", "procrastinate", "psycopg.pool")

Event = MutableMapping[str, Any]  # whatever is logged


def configure_logs(settings: Settings) -> None:
    level = getattr(logging, settings.log_level.upper())
    as_json = settings.logs_json
    shared: list[Any] = [  # structlog's processors
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    shown: list[Any] = (  # structlog's processors
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # Not rich's: it shows what the variables hold, and so secrets.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def redact(_: object, __: str, event: Event) -> Event:
    """Whatever is called like a secret is not written, whoever logs it."""
    for name in event:
        if name not in _SHOWN and name != "event" and _SECRET.search(name):
            event[name] = "(hidden)"
    return event
