"""Drafts in the wizard, submitted orders and their lines."""
