package rdb

import "errors"

// What begins a library, in Redis 7.0 and newer, and in its release candidates.
const (
	opcodeFunction      = 245
	opcodeFunctionPreGA = 246
)

// Errors of EachFunction beside ErrFormat, which tells that a library cannot be read.
var (
	ErrNotFunction = errors.New("rdb: no library of functions")
	ErrOldFunction = errors.New("rdb: a library from before Redis 7.0")
)

// DumpFunctions returns libraries, of which the texts are given, as FUNCTION DUMP does. O(n) in their length.
func DumpFunctions(texts ...string) []byte {
	var b []byte
	for _, text := range texts {
		b = appendString(append(b, opcodeFunction), []byte(text))
	}
	return Seal(b, versionWritten)
}

// EachFunction yields the texts of the libraries in a dump that Verify has found to be one, as long as yield returns no error. Strings
// may unfold to budget bytes altogether. A text that is not compressed is part of the dump.
func EachFunction(dump []byte, budget int64, yield func(text []byte) error) error {
	r := &reader{rest: dump[:len(dump)-footerSize], budget: uint64(budget)}
	for len(r.rest) > 0 {
		switch r.byte() {
		case opcodeFunction:
		case opcodeFunctionPreGA:
			return ErrOldFunction
		default:
			return ErrNotFunction
		}
		text := r.string()
		if r.err != nil {
			return r.err
		}
		if err := yield(text); err != nil {
			return err
		}
	}
	return nil
}
