"""Carriers that sell phone numbers: the port, its accounts, and one folder per adapter."""
