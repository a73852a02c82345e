package config

import (
	"errors"
	"strings"
)

// Events are the classes of keyspace events that clients are told of, and by
// which channels.
type Events uint16

// The classes, in the order in which Redis prints them.
const (
	EventGeneric Events = 1 << iota
	EventString
	EventList
	EventSet
	EventHash
	EventZSet
	EventExpired
	EventEvicted
	EventStream
	EventModule
	EventNew
	EventKeyspace // told on __keyspace@n__:key
	EventKeyevent // told on __keyevent@n__:event
	EventMiss

	EventAll = EventNew - 1 // what A stands for: neither new keys nor misses
)

// eventLetters are those of the classes.
const eventLetters = "g$lshzxetdnKEm"

//lint:ignore ST1005 Redis' text begins with a capital and ends with a full stop
var errEvents = errors.New("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")

func (e *Events) UnmarshalText(text []byte) error {
	var all Events
	for _, letter := range text {
		i := strings.IndexByte(eventLetters, letter)
		switch {
		case letter == 'A':
			all |= EventAll
		case i >= 0:
			all |= 1 << i
		default:
			return errEvents
		}
	}
	*e = all
	return nil
}

// String returns the letters in Redis' order. Where A stands for the others, it
// stands for n too, though A alone does not set it: that is how Redis prints it.
func (e Events) String() string {
	text := ""
	if e&EventAll == EventAll {
		text, e = "A", e&^(EventAll|EventNew)
	}
	for i, letter := range eventLetters {
		if e&(1<<i) != 0 {
			text += string(letter)
		}
	}
	return text
}

func (Events) expects() string { return "letters of Ag$lshzxeKEtmdn" }
