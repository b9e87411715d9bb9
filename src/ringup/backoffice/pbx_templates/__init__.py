"""PBX templates: forms, values and preview."""
