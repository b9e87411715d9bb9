"""Clients as staff sees them: the list, and the record of one."""
