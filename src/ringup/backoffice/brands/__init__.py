"""The pages of brands."""
