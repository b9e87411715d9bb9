"""The pages of the wizard, one file for each."""
