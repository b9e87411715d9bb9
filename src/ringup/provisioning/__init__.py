"""Plan, approve, apply, resume, undo: makes the outside world match a wanted state."""
