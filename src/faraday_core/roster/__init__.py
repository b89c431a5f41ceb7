"""Rosters: sessions, courses, classes and enrolments, and the files that they come in by."""
