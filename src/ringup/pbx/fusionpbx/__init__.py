"""The adapter for FusionPBX: its PostgreSQL tables and FreeSWITCH's event socket. No Django here."""
