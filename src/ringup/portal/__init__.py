"""The client's own pages."""
