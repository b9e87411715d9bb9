"""The papers of an order's number as staff works on them: the panel, the review, the last look."""
