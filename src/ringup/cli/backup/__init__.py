"""Backup and restore: one archive of the database, and apart from it a file with the keys."""
