"""Papers of numbers: the phases that staff sees, what the carrier tells, and whom we tell of it."""
