package actor

// Waiting returns how many messages are in the mailbox.
func (a *Actor) Waiting() int { return len(a.mailbox) }

// Nest makes the call part of a transaction, or not.
func (c *Call) Nest(nested bool) { c.actor.executing = nested }
