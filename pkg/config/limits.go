package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

var (
	//lint:ignore ST1005 Redis' texts begin with a capital and end with a full stop
	errLimitCount = errors.New("Wrong number of arguments in buffer limit configuration.")
	//lint:ignore ST1005 as above
	errLimitClass = errors.New("Invalid client class specified in buffer limit configuration.")
	//lint:ignore ST1005 as above
	errLimitNumbers = errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.")

	errShare      = errors.New("argument must be a memory or percent value")
	errShareRange = errors.New("percentage argument must be less or equal to 100")
)

// OutputLimit says how many bytes of replies may wait for a client: Hard never,
// and Soft not for more than so many Seconds. 0 is no limit.
type OutputLimit struct {
	Hard, Soft Memory
	Seconds    Seconds
}

// OutputLimits are those of each class of clients.
type OutputLimits struct {
	Normal, Replica, PubSub OutputLimit

	known bool // those that a text did not name have been filled in
}

// defaultOutputLimits are those of the classes that a setting does not name.
// Redis has no limit for normal clients, which can ask for all its memory.
var defaultOutputLimits = OutputLimits{
	Normal:  OutputLimit{Hard: 64 << 20},
	Replica: OutputLimit{256 << 20, 64 << 20, 60},
	PubSub:  OutputLimit{32 << 20, 8 << 20, 60},
	known:   true,
}

// class returns the limit of a class, which Redis spells in any case, or nil.
func (l *OutputLimits) class(name string) *OutputLimit {
	switch strings.ToLower(name) {
	case "normal":
		return &l.Normal
	case "slave", "replica":
		return &l.Replica
	case "pubsub":
		return &l.PubSub
	}
	return nil
}

// UnmarshalText takes a class and three numbers, any number of times. A class
// that is not named stays as it is; of one that is named twice the last counts.
// As in Redis there is exactly one space between words.
func (l *OutputLimits) UnmarshalText(text []byte) error {
	if !l.known {
		*l = defaultOutputLimits
	}
	if len(text) == 0 {
		return nil
	}
	words := strings.Split(string(text), " ")
	if len(words)%4 != 0 {
		return errLimitCount
	}
	next := *l
	for ; len(words) > 0; words = words[4:] {
		limit := next.class(words[0])
		if limit == nil {
			return errLimitClass
		}
		if err := limit.parse(words[1], words[2], words[3]); err != nil {
			return err
		}
	}
	*l = next
	return nil
}

// parse takes no digits as 0. Seconds end at the largest number that Redis
// keeps, which lets greater ones wrap around.
func (o *OutputLimit) parse(hard, soft, seconds string) error {
	n, err := strconv.ParseInt("0"+seconds, 10, 64)
	if err != nil || n < 0 || o.Hard.UnmarshalText([]byte(hard)) != nil || o.Soft.UnmarshalText([]byte(soft)) != nil {
		return errLimitNumbers
	}
	o.Seconds = Seconds(min(n, math.MaxInt32))
	return nil
}

func (l OutputLimits) String() string {
	return "normal " + l.Normal.String() + " slave " + l.Replica.String() + " pubsub " + l.PubSub.String()
}

func (o OutputLimit) String() string { return fmt.Sprintf("%s %s %s", o.Hard, o.Soft, o.Seconds) }

func (OutputLimits) expects() string {
	return "classes normal, replica or pubsub, each with bytes, bytes and seconds"
}

// MemoryShare is an amount of memory in bytes, or a part of maxmemory in
// percent. One of the two is 0.
type MemoryShare struct {
	Bytes   Memory
	Percent int
}

func (s *MemoryShare) UnmarshalText(text []byte) error {
	digits, isPercent := strings.CutSuffix(string(text), "%")
	if !isPercent {
		var bytes Memory
		if bytes.UnmarshalText(text) != nil {
			return errShare
		}
		*s = MemoryShare{Bytes: min(bytes, math.MaxInt64)}
		return nil
	}
	var percent Int
	if percent.UnmarshalText([]byte(digits)) != nil || percent < 0 {
		return errShare
	}
	if percent > 100 {
		return errShareRange
	}
	*s = MemoryShare{Percent: int(percent)}
	return nil
}

func (s MemoryShare) String() string {
	if s.Percent > 0 {
		return strconv.Itoa(s.Percent) + "%"
	}
	return s.Bytes.String()
}

func (MemoryShare) expects() string {
	return "a number of bytes, or a percentage of maxmemory such as 5%"
}

// Of returns the bytes when maxmemory has so many, 0 if there is no limit.
func (s MemoryShare) Of(maxMemory int64) int64 {
	if s.Percent > 0 {
		return maxMemory / 100 * int64(s.Percent)
	}
	return int64(s.Bytes)
}
