"""The back office's views: each loads through ``access``, calls one verb, renders."""
