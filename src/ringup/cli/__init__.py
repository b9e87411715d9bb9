"""Commands: serve, worker, doctor, demo."""
