"""A tenant as rows of FusionPBX's tables: pure functions, no database.

Booleans are Python's, numbers may be text; PostgreSQL makes them what the column is, so that
one set of rows serves 5.0 to 5.5 (``writing``). A column that a version lacks is left out there.
"""
