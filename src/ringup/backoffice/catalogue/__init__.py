"""Products, bundles and prices: forms and tables."""
