"""From a draft to placed orders: writing, pricing, checking, and the one transaction that places them."""
