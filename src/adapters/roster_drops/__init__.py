"""Where schools' systems leave their rosters: a folder, or a server that speaks SFTP."""
