"""Telephone numbers: on sale, held, owned."""
