"""The shelf of own numbers: its list, its forms, and its import."""
