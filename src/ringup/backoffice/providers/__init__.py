"""Providers: cards and settings."""
