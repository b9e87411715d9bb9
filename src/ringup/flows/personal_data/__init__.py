"""What we know about a person: handed out on request, and erased when the account is closed.

``docs/privacy.md`` says what is kept, and why.
"""
