"""The carrier DIDWW behind the carriers' port. ``README.md`` says what it needs and assumes."""
