"""The inventory: every number that we own, and what differs between a carrier and us."""
