"""Addresses of the back office, one module for each part of its navigation."""
