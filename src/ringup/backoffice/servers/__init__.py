"""PBX servers: settings and room."""
