"""Health: one list of checks for ``ringup doctor`` and the Health page. One module per part."""
