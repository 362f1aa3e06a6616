"""What we may read, until when, and when to renew: login attempts and the life of a consent. Pure."""
