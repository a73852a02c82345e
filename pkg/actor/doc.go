// Package actor is the engine: one goroutine, the owner, holds all data and runs all commands, one after the other.
//
// # Goroutines and what they own
//
//   - The owner (Actor.Run) owns the store, every Session's mutable fields, the counters and the alarm. It never
//     touches a socket and never blocks on a client, a disk or a channel but its own mailbox.
//   - Each connection's goroutine (package server) owns its socket, its decoder and its Batch while the batch is
//     not submitted. From Submit until it returns the batch is the owner's.
//   - The alarm's goroutine lives for the moment in which a timer fires and puts a message into the mailbox.
//   - Anybody may read the last published Figures; they are never changed after they were published.
//
// # The life of one command
//
//  1. The connection decodes every complete request it has received into its Batch, looks their commands up in
//     the immutable Table, and submits the batch: one channel send per pipeline.
//  2. The owner takes what waits in the mailbox (a turn), and runs each batch for a slice of time: the gate
//     refuses what must not run, the handler appends to the batch's Reply.
//  3. At the end of the turn (settle) keys that are due expire, figures are published, the alarm is set to the
//     next deadline, and finished batches go back to their connections, which write the reply in one go.
//
// # What nobody asked for
//
// Replies go back with the batch. A session that is to get pushes, or is blocked, is duplex: its replies and its pushes go
// into its Link's outbox, in the order in which they came about, and the server's flushers write them. The owner fills
// outboxes during a turn and has them flushed in settle, before batches go back.
//
// A blocking command that cannot be served says Call.Block. Its request waits in the queues of its keys, the batch goes back
// parked, and its connection goes on reading without submitting. When a command has changed one of the keys, the owner runs
// the request again, for the one that has waited longest first, before any other command; the connection resumes.
//
// What a session's own command pushes to it goes behind the command's reply. A session that does not read its pushes is closed
// at the limits of its class (limits); replies have back-pressure in the server instead.
//
// Everything that a session takes part in ends in Actor.leave, whatever ended it: Detach, CLIENT KILL, an output limit or
// maxmemory-clients. Who listens for changes to keys is told in changes.go, by a bit each: nobody there, nothing to do.
//
// # The contract
//
// A command is a row (Command) and a function (Handler); the row is the only place where its arity, flags and keys
// are written down. A handler gets a Call, which is valid for its turn only: it parses, finds, checks, changes, says
// Changed, replies, in this order. The engine knows no command by name.
package actor
