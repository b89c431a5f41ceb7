"""The refused rows of an import as files that a person can hand to the school."""

from adapters.roster_reports.csv_report import csv_report
from adapters.roster_reports.html_report import html_report

__all__ = ["csv_report", "html_report"]
