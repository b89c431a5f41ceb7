"""Who somebody is, and how they prove it: accounts, passwords, sessions, second factors."""
