"""What is sold: products, bundles, prices, mappings, and the one pricing function."""
