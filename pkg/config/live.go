package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"snakecache/pkg/glob"
)

// Live is the settings of a running server. Any goroutine may Load them; Set
// and OnChange are for one goroutine only, the one that runs the commands.
type Live struct {
	current  atomic.Pointer[Values]
	guards   []guard
	appliers []func(*Values)
}

// guard refuses values that only the surroundings know to be impossible.
type guard struct {
	param string
	check func(*Values) error
}

// NewLive begins with v, which is not to be changed any more.
func NewLive(v *Values) *Live {
	l := new(Live)
	l.current.Store(v)
	return l
}

// Load returns the settings as they are now. They stay as they are when Set
// makes new ones.
func (l *Live) Load() *Values { return l.current.Load() }

// OnChange has apply called after each successful Set, by the goroutine that
// sets and in the order of the calls to OnChange.
func (l *Live) OnChange(apply func(*Values)) { l.appliers = append(l.appliers, apply) }

// Guard has check called before a Set takes effect. Its error refuses the Set,
// and the client is told that the parameter called param is the reason.
func (l *Live) Guard(param string, check func(*Values) error) {
	l.guards = append(l.guards, guard{param, check})
}

// Match answers CONFIG GET: name, value, name, value… of each parameter that
// one of the patterns names, once, in the order of the table.
func (l *Live) Match(globs [][]byte) []string {
	v := l.Load()
	var found []string
	for _, r := range table {
		if name, ok := r.namedBy(globs); ok {
			found = append(found, name, r.text(v))
		}
	}
	return found
}

// namedBy returns the name to answer with. As in Redis that is the client's own
// spelling if the first pattern that matches has no *, ? or [ in it.
func (r *row) namedBy(globs [][]byte) (name string, ok bool) {
	if r.param == "" {
		return "", false
	}
	for _, pattern := range globs {
		switch {
		case bytes.ContainsAny(pattern, "*?["):
			if glob.Match(pattern, []byte(r.param), true) {
				return r.param, true
			}
		case strings.EqualFold(string(pattern), r.param):
			return string(pattern), true
		}
	}
	return "", false
}

var (
	errImmutable = errors.New("can't set immutable config")
	errProtected = errors.New("can't set protected config")
	errDuplicate = errors.New("duplicate parameter")
)

// Set is CONFIG SET: it changes all the named parameters or, with an error,
// none. The error is Redis' reply to the client without the leading "ERR ". As
// in Redis all names are looked at before the first value.
func (l *Live) Set(pairs [][2]string) error {
	rows, err := resolve(pairs)
	if err != nil {
		return err
	}
	next := *l.Load()
	for i, r := range rows {
		if err := r.set(&next, pairs[i][1]); err != nil {
			return setFailed(r.param, err)
		}
	}
	for _, g := range l.guards {
		if err := g.check(&next); err != nil {
			return setFailed(g.param, err)
		}
	}
	l.current.Store(&next)
	for _, apply := range l.appliers {
		apply(&next)
	}
	return nil
}

// resolve finds the rows of the names in pairs.
func resolve(pairs [][2]string) ([]*row, error) {
	var rows []*row
	for _, pair := range pairs {
		r := lookup(pair[0])
		switch {
		case r == nil:
			name, _, _ := strings.Cut(pair[0], "\x00") // as Redis' format %s does
			//lint:ignore ST1005 Redis' text begins with a capital
			return nil, fmt.Errorf("Unknown option or number of arguments for CONFIG SET - '%s'", name)
		case !r.mutable:
			return nil, setFailed(pair[0], r.refusal)
		case slices.Contains(rows, r):
			return nil, setFailed(pair[0], errDuplicate)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func setFailed(param string, err error) error {
	return fmt.Errorf("CONFIG SET failed (possibly related to argument '%s') - %w", param, err)
}
