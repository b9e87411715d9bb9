"""The index of numbers on sale: columns in one file, searched in memory. No Django."""
