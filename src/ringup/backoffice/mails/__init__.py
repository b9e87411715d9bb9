"""The log of mails, and the editor of their words, as staff reads them."""
