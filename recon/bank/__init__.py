"""Edge to the bank: the only place where httpx lives. Tokens rest in `recon.vault`, rows leave by `lines`."""
