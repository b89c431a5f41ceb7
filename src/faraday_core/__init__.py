"""The school itself: what Faraday knows and does, without a framework, a database or a clock."""
