"""Commands: serve, worker, doctor, backup, restore, demo."""
