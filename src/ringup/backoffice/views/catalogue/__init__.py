"""Product groups, products and bundles."""
