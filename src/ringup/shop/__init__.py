"""The shop: guests search numbers and check out."""
