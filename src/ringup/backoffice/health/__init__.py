"""The Health page: what it shows and prints."""
