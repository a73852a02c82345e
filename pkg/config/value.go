package config

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// value is a field of Values. UnmarshalText takes what the environment and
// CONFIG SET give and fails with Redis' words; String returns what CONFIG GET
// shows, except for a Secret.
type value interface {
	encoding.TextUnmarshaler
	fmt.Stringer
	expects() string // completes "must be"
}

// number is a value that a row can bound.
type number interface {
	within(min, max int64) bool
}

var (
	errInteger   = errors.New("argument couldn't be parsed into an integer")
	errMemory    = errors.New("argument must be a memory value")
	errYesNo     = errors.New("argument must be 'yes' or 'no'")
	errAddresses = errors.New("too many bind addresses specified")
	errAddress   = errors.New("argument must name an address after '-'")
)

// Int is a plain integer.
type Int int64

// Seconds is a duration given in whole seconds.
type Seconds int64

// Milliseconds is a duration given in whole milliseconds.
type Milliseconds int64

func (i *Int) UnmarshalText(text []byte) error          { return parseInteger(i, text) }
func (s *Seconds) UnmarshalText(text []byte) error      { return parseInteger(s, text) }
func (m *Milliseconds) UnmarshalText(text []byte) error { return parseInteger(m, text) }

func (i Int) String() string          { return strconv.FormatInt(int64(i), 10) }
func (s Seconds) String() string      { return strconv.FormatInt(int64(s), 10) }
func (m Milliseconds) String() string { return strconv.FormatInt(int64(m), 10) }

func (Int) expects() string          { return "an integer" }
func (Seconds) expects() string      { return "a whole number of seconds" }
func (Milliseconds) expects() string { return "a whole number of milliseconds" }

func (i Int) within(min, max int64) bool          { return min <= int64(i) && int64(i) <= max }
func (s Seconds) within(min, max int64) bool      { return Int(s).within(min, max) }
func (m Milliseconds) within(min, max int64) bool { return Int(m).within(min, max) }

// Times returns i units, or the largest number if there are more.
func (i Int) Times(unit int64) int64 {
	if int64(i) > math.MaxInt64/unit {
		return math.MaxInt64
	}
	return int64(i) * unit
}

// Duration returns s for use with package time.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// Duration returns m for use with package time.
func (m Milliseconds) Duration() time.Duration { return time.Duration(m) * time.Millisecond }

// parseInteger takes the one spelling of a number that Redis takes: no plus
// sign, no leading zero, no space.
func parseInteger[T ~int64](to *T, text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != string(text) {
		return errInteger
	}
	*to = T(n)
	return nil
}

// Memory is an amount of memory in bytes.
type Memory uint64

// memoryUnits are Redis': those that end in b are powers of 1024. They are
// matched without case.
var memoryUnits = map[string]uint64{
	"": 1, "b": 1,
	"k": 1000, "kb": 1 << 10,
	"m": 1000 * 1000, "mb": 1 << 20,
	"g": 1000 * 1000 * 1000, "gb": 1 << 30,
}

// UnmarshalText takes digits and a unit. As in Redis no digits are 0, and an
// amount of 2^64 bytes or more is the largest there is; but where Redis lets
// the product with the unit wrap around, that too is the largest.
func (m *Memory) UnmarshalText(text []byte) error {
	unit := strings.TrimLeft(string(text), "0123456789")
	scale, known := memoryUnits[strings.ToLower(unit)]
	if !known {
		return errMemory
	}
	var n uint64
	if digits := string(text[:len(text)-len(unit)]); digits != "" {
		n, _ = strconv.ParseUint(digits, 10, 64) // of digits, the one error is overflow, and n is the largest
	}
	if n > math.MaxUint64/scale {
		*m = math.MaxUint64
		return nil
	}
	*m = Memory(n * scale)
	return nil
}

func (m Memory) String() string { return strconv.FormatUint(uint64(m), 10) }
func (Memory) expects() string  { return "a number of bytes such as 1048576, 100mb or 2gb" }
func (m Memory) within(min, max int64) bool {
	return uint64(min) <= uint64(m) && uint64(m) <= uint64(max)
}

// Bool is yes or no.
type Bool bool

func (b *Bool) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "yes":
		*b = true
	case "no":
		*b = false
	default:
		return errYesNo
	}
	return nil
}

func (b Bool) String() string {
	if b {
		return "yes"
	}
	return "no"
}

func (Bool) expects() string { return "yes or no" }

// Word is one of the words that its row lists, in the row's spelling.
type Word string

// UnmarshalText takes any text: the row knows the words.
func (w *Word) UnmarshalText(text []byte) error { *w = Word(text); return nil }
func (w Word) String() string                   { return string(w) }
func (Word) expects() string                    { return "one of" }

// Text is any text.
type Text string

func (t *Text) UnmarshalText(text []byte) error { *t = Text(text); return nil }
func (t Text) String() string                   { return string(t) }
func (Text) expects() string                    { return "text" }

// Secret is a text for those who are entitled to it. It hides itself from fmt,
// log and JSON; string(s) gives it away.
type Secret string

func (s *Secret) UnmarshalText(text []byte) error { *s = Secret(text); return nil }
func (Secret) expects() string                    { return "text" }

// String tells only whether there is a secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(hidden)"
}

func (s Secret) GoString() string             { return s.String() }
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Addresses are the addresses of a listener, at most 16.
type Addresses []Address

// maxAddresses is Redis' CONFIG_BINDADDR_MAX.
const maxAddresses = 16

func (a *Addresses) UnmarshalText(text []byte) error {
	words := strings.Fields(string(text))
	if len(words) > maxAddresses {
		return errAddresses
	}
	all := make(Addresses, len(words))
	for i, word := range words {
		if word == "-" {
			return errAddress
		}
		all[i] = Address(word)
	}
	*a = all
	return nil
}

func (a Addresses) String() string {
	words := make([]string, len(a))
	for i, address := range a {
		words[i] = string(address)
	}
	return strings.Join(words, " ")
}

func (Addresses) expects() string { return "up to 16 addresses separated by spaces" }

// Address is one address in Redis' spelling: a name or an IP address, * for
// every IPv4 and ::* for every IPv6 address, after a - if it may be missing.
type Address string

// Host returns the address to listen on, and whether the server goes on
// without it where the machine does not have it.
func (a Address) Host() (host string, optional bool) {
	host, optional = strings.CutPrefix(string(a), "-")
	switch host {
	case "*":
		host = "0.0.0.0"
	case "::*":
		host = "::"
	}
	return host, optional
}
