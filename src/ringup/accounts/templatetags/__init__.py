"""Tags of logins."""
