package actor

// Waiting returns how many messages are in the mailbox.
func (a *Actor) Waiting() int { return len(a.mailbox) }
