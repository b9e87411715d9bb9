"""People: users, clients, memberships, staff roles, the brand."""
