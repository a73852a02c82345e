// Package realclients holds tests that drive the program snakecached over TCP with the clients that people use, as their
// users do and with their defaults: connecting, pipelines, transactions, publish and subscribe, blocking, client-side
// caching, streams, iterators, notifications, and what becomes of a connection that is cut; and with the queues, locks and
// limiters that are made of scripts.
//
// Attackers are clients too: what they do must cost nobody else more than time, and the server no more memory than it allows.
//
// Every test runs against a real redis-server first, which shows that what it asks for is right; but for
// attacks that Redis does not bear.
package realclients
