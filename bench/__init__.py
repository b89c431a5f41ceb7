"""Speed and memory, beside a bare server on the same database: `python -m bench`."""
