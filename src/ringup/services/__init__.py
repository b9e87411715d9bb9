"""What clients own and pay for, with the wanted state of each service."""
