//go:build !snakecheck

package store

// check is nothing: build with -tags snakecheck to have the invariants checked in the running server.
func (st *Store) check() {}
