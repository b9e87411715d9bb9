"""The queue and the page of an order: what they show, and how rows are loaded."""
