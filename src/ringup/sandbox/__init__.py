"""Wire-level servers that imitate the outside world: carriers, a PBX, a mail server.

They are written from what is known of the real ones and share nothing with the adapters, so that
one mistake cannot hide on both sides. This package imports nothing else of Ringup and no Django.
"""
