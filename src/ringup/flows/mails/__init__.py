"""Mails about orders: what follows when something happened below."""
