"""Ringup sells telephone service: from a number search to a working PBX tenant."""

__version__ = "0.1.0"
