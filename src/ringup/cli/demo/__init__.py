"""The demo: everything on this machine, with sandbox carriers, PBX and mail. Knows no Django."""
