package commands_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// besideTheValue are the commands that write, but never what WATCH goes by, and what they change.
var besideTheValue = map[string]string{
	"xack":                  "groups",
	"xclaim":                "groups",
	"xautoclaim":            "groups",
	"xreadgroup":            "groups",
	"xsetid":                "what a stream will be, not its entries",
	"xgroup|setid":          "groups",
	"xgroup|destroy":        "groups",
	"xgroup|createconsumer": "groups",
	"xgroup|delconsumer":    "groups",
	"pfdebug":               "the form of a value",
}

// mostOnlookers is how many keys of a request are watched, each by a client of its own.
const mostOnlookers = 4

// TestChangesBreakWatch plays the transcripts to ours, and to a real Redis those that can be without waiting, while others
// watch the keys of each request: which of them are disturbed must be the same, and every command that writes must do it.
func TestChangesBreakWatch(t *testing.T) {
	addr := redistest.Start(t, "--enable-debug-command", "yes").Options().Addr
	table, disturbed := startEngine(t).Table(), map[*actor.Command]bool{}
	for _, script := range transcripts(t) {
		name := strings.TrimSuffix(filepath.Base(script.path), ".txt")
		switch group, _, _ := strings.Cut(name, "-"); group {
		case "client", "connection", "command", "server", "transaction": // they end clients, or write nothing
			continue
		}
		if slices.ContainsFunc(script.steps, (*step).waits) { // others are told of changes, or wait for them
			continue
		}
		t.Run(name, func(t *testing.T) {
			gallery := newGallery(t, script, addr)
			for _, s := range script.steps {
				if gallery.disturbed(s) {
					disturbed[table.Lookup(s.words)] = true
				}
			}
		})
	}
	for _, row := range callable(table) {
		if row.Is(actor.Blocking) || row.ScriptFlags != nil { // transcripts of the first wait; what the others do is for scripts to say
			continue
		}
		scripts := row.ScriptFlags != nil && !row.Is(actor.ReadOnly) // which may write whatever they like
		if writes := (row.Is(actor.Write) || scripts) && len(row.Keys) > 0; disturbed[row] != (writes && besideTheValue[row.FullName()] == "" || row.Name == "pfcount") {
			t.Errorf("%s is seen by who watches its keys: %v", row.FullName(), disturbed[row])
		}
	}
}

// gallery is a transcript under way on one or two stages.
type gallery struct {
	t      *testing.T
	script *transcript
	stages []stage
	db     map[byte]string // by client
}

// stage is a server with the clients of the transcript and those who watch.
type stage struct {
	connect   func() server
	engine    *actortest.Engine // nil if it is not ours
	clients   map[byte]server
	onlookers [mostOnlookers]server
}

func newGallery(t *testing.T, script *transcript, addr string) *gallery {
	e := startEngine(t)
	g := &gallery{t: t, script: script, db: map[byte]string{}}
	g.stages = append(g.stages, stage{engine: e, connect: func() server { return ours{e.Connect(proto.RESP2)} }})
	if !slices.ContainsFunc(script.steps, func(s *step) bool { return s.differs || s.advance > 0 }) {
		g.stages = append(g.stages, stage{connect: func() server {
			c := dial(t, addr, proto.RESP2)
			t.Cleanup(func() { c.conn.Close() })
			return theirs{c}
		}})
		ask(g.stages[1].connect(), "FLUSHALL")
	}
	for i := range g.stages {
		stage := &g.stages[i]
		stage.clients = map[byte]server{}
		for j := range stage.onlookers {
			stage.onlookers[j] = stage.connect()
		}
	}
	return g
}

// disturbed plays a step on all stages and reports whether anybody who watched a key of it saw a change.
func (g *gallery) disturbed(s *step) (disturbed bool) {
	if s.advance > 0 {
		g.stages[0].engine.Advance(s.advance)
	}
	if s.request == "" {
		return false
	}
	keys := g.keys(s)
	var seen []string
	for i := range g.stages {
		seen = append(seen, g.stages[i].play(s, g.db[s.client], keys))
	}
	if len(seen) > 1 && seen[0] != seen[1] {
		g.t.Errorf("%s:%d: %s\nof %q ours disturbs %s, Redis %s", g.script.path, s.requestLine(), s.request, keys, seen[0], seen[1])
	}
	if proto.EqualFold(s.words[0], "select") && slices.Equal(s.wanted(proto.RESP2), []string{"+OK"}) {
		g.db[s.client] = string(s.words[1])
	}
	return strings.Contains(seen[0], "true")
}

// keys returns those of the request, each once.
func (g *gallery) keys(s *step) (keys []string) {
	row := g.stages[0].engine.Table().Lookup(s.words)
	if row == nil || !row.Accepts(len(s.words)) {
		return nil
	}
	row.EachKey(s.words, func(i int, _ actor.KeyUse) {
		if key := string(s.words[i]); len(keys) < mostOnlookers && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	})
	return keys
}

// play says of each key whether the step changed it.
func (st *stage) play(s *step, db string, keys []string) (seen string) {
	if st.clients[s.client] == nil {
		st.clients[s.client] = st.connect()
	}
	for i, key := range keys {
		st.onlookers[i].pipeline([]proto.Args{asArgs([]string{"SELECT", max(db, "0")}), asArgs([]string{"WATCH", key}), asArgs([]string{"MULTI"})})
	}
	st.clients[s.client].pipeline([]proto.Args{s.words})
	for i := range keys {
		seen += " " + strconv.FormatBool(ask(st.onlookers[i], "EXEC").Null)
	}
	return seen
}

// watch has another client of each server watch some of the keys of a batch, and returns what tells later whether they agree
// that these have been changed.
func (p *pair) watch(batch []proto.Args, random *rand.Rand) (look func() string) {
	words := []string{"WATCH"}
	for range 1 + random.IntN(3) {
		args := batch[random.IntN(len(batch))]
		if row := p.table.Lookup(args); row != nil && row.Accepts(len(args)) {
			row.EachKey(args, func(i int, _ actor.KeyUse) { words = append(words, string(args[i])) })
		}
	}
	if len(words) == 1 {
		return func() string { return "" }
	}
	for _, s := range p.onlooker {
		for db := range sharedDBs {
			ask(s, "SELECT", strconv.Itoa(db))
			ask(s, words...)
		}
		ask(s, "MULTI")
	}
	return func() string {
		mine, real := ask(p.onlooker[0], "EXEC"), ask(p.onlooker[1], "EXEC")
		if mine.String() != real.String() {
			return fmt.Sprintf("%.80q before %.2000q\nours:   %s\ntheirs: %s", words, batch, mine, real)
		}
		return ""
	}
}
