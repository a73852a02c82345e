package main

import (
	"bytes"
	"fmt"
	"strconv"
)

// do sends one request and forgets its reply, which may not be an error.
func (w *wire) do(args ...string) error {
	w.out = appendRequest(w.out, args...)
	return w.exchange(1)
}

// integer sends one request and returns the integer in its reply.
func (w *wire) integer(args ...string) (int64, error) {
	w.out = appendRequest(w.out, args...)
	if err := w.send(); err != nil {
		return 0, err
	}
	kind, text, err := w.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if kind != ':' || err != nil {
		return 0, fmt.Errorf("%s is answered %c%s, not an integer", args[0], kind, text)
	}
	return n, nil
}

// found reads one reply to GET, forgets the value, and reports whether there was one.
func (w *wire) found() (bool, error) {
	kind, text, err := w.line()
	switch {
	case err != nil:
		return false, err
	case kind != '$':
		return false, fmt.Errorf("GET is answered %c%s", kind, text)
	}
	return !bytes.HasPrefix(text, []byte{'-'}), w.discard(text)
}
