"""The database's schema, brought from any earlier version to this one's."""

from adapters.persistence.migrations.running import (
    CannotMigrate,
    check,
    current,
    head,
    make_roles,
    upgrade,
)

__all__ = ["CannotMigrate", "check", "current", "head", "make_roles", "upgrade"]
