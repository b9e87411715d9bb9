"""Product mappings: what their pages show and read."""
