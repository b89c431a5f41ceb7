"""Where mails go: a mail server, a folder, or memory."""
