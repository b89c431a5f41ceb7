"""The database's schema, brought from any earlier version to this one's."""

from adapters.persistence.migrations.running import (
    CannotMigrate,
    ExtensionMissing,
    SchemaTooNew,
    ServerTooOld,
    check,
    current,
    head,
    make_roles,
    require_server,
    upgrade,
)

__all__ = [
    "CannotMigrate",
    "ExtensionMissing",
    "SchemaTooNew",
    "ServerTooOld",
    "check",
    "current",
    "head",
    "make_roles",
    "require_server",
    "upgrade",
]
