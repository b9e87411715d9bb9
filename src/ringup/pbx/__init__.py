"""PBX servers: the port, the servers, and one folder per adapter."""
