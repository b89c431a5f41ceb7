"""The command line: data to stdout, the rest to stderr; 0 done, 1 failed, 2 wrong usage."""
