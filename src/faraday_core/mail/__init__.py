"""Mails: queued with what caused them, and sent by a worker."""
