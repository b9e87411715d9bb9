"""The child that opens what strangers upload: no Django, no database, no keys, and limits of its own.

``python -m ringup.regulatory.looking_inside.pictures`` (or ``….pdfs``) reads one file from its standard
input and writes one line of JSON, then the clean file, then a PNG of its first page. It imports nothing
else of Ringup, and of the libraries only those of its kind: most of its time is spent on starting.
"""
