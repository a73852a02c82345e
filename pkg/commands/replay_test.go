package commands_test

import (
	"bytes"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/commands"
	"snakecache/pkg/config"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// startEngine runs all commands with the default settings, but for DEBUG, which is allowed.
func startEngine(t testing.TB) *actortest.Engine { return startEngineAt(t, actortest.Epoch) }

// startEngineAt is startEngine with another time on its clock.
func startEngineAt(t testing.TB, start time.Time) *actortest.Engine {
	t.Helper()
	table, err := commands.Table()
	if err != nil {
		t.Fatal(err)
	}
	values, _, err := config.Load([]string{config.Prefix + "ENABLE_DEBUG_COMMAND=yes"})
	if err != nil {
		t.Fatal(err)
	}
	live := config.NewLive(values)
	e := actortest.Start(t, actortest.Options{
		Start: start, Table: table, Settings: live, Store: storeOptions(values), Bounds: bounds(values),
	})
	e.Inspect(func(st *store.Store) {
		live.OnChange(func(v *config.Values) {
			e.Configure(bounds(v))
			st.Configure(storeOptions(v))
		})
	})
	return e
}

func storeOptions(v *config.Values) store.Options {
	return store.Options{
		Databases: int(v.Databases), MaxMemory: int64(v.MaxMemory),
		Policy: policyOf(v), Samples: int(v.MaxMemorySamples),
		LFULogFactor: int(v.LFULogFactor), LFUDecayTime: int(v.LFUDecayTime),
		HLLSparseMaxBytes:      int(v.HLLSparseMaxBytes),
		ListMaxListpackSize:    int(v.ListMaxListpackSize),
		HashMaxListpackEntries: int(v.HashMaxListpackEntries), HashMaxListpackValue: int(v.HashMaxListpackValue),
		SetMaxIntsetEntries: int(v.SetMaxIntsetEntries), SetMaxListpackEntries: int(v.SetMaxListpackEntries),
		SetMaxListpackValue:    int(v.SetMaxListpackValue),
		ZSetMaxListpackEntries: int(v.ZSetMaxListpackEntries), ZSetMaxListpackValue: int(v.ZSetMaxListpackValue),
		StreamNodeMaxBytes: int64(v.StreamNodeMaxBytes), StreamNodeMaxEntries: int64(v.StreamNodeMaxEntries),
	}
}

func policyOf(v *config.Values) store.Policy {
	policy, _ := store.PolicyNamed(string(v.MaxMemoryPolicy))
	return policy
}

func bounds(v *config.Values) actor.Bounds {
	return actor.Bounds{
		Password: string(v.RequirePass), MaxClients: int(v.MaxClients), MaxBulk: int64(v.ProtoMaxBulkLen),
		CommandTimeout: int64(v.CommandTimeout.Duration()), Debug: actor.DebugYes,
		Slowlog: actor.SlowlogBounds{
			On: v.SlowlogLogSlowerThan >= 0, Threshold: v.SlowlogLogSlowerThan.Times(1e3), MaxLen: int64(v.SlowlogMaxLen),
		},
		LatencyThreshold: v.LatencyMonitorThreshold.Times(1e6), LatencyTracking: bool(v.LatencyTracking),
		Notify: actor.Notify(v.NotifyKeyspaceEvents), BusyReply: v.BusyReplyThreshold.Times(1e6), ScriptMemory: int64(v.ScriptMemory),
	}
}

// player plays a transcript to an engine of ours.
type player struct {
	t       *testing.T
	engine  *actortest.Engine
	dialect int
	clients map[byte]*played
}

// played is one client of a transcript.
type played struct {
	*actortest.Client
	later []proto.Value // what came behind the first reply to a request
}

// replay runs a transcript and checks every reply, and what it says about the data.
func replay(t *testing.T, script *transcript, dialect int) {
	p := &player{t: t, engine: startEngine(t), dialect: dialect, clients: map[byte]*played{}}
	for _, s := range script.steps {
		if s.advance > 0 {
			p.engine.Advance(s.advance)
		}
		if s.request == "" {
			continue
		}
		before := observe(p.engine)
		values, closed := p.play(s)
		if got := s.render(values, closed); !s.fits(dialect, got) {
			t.Error(s.mismatch(script, dialect, got))
		}
		if s.words == nil {
			continue
		}
		command, reply := p.engine.Table().Lookup(s.words), append(values, proto.Value{})[0]
		if err := checkEffects(command, reply, before, observe(p.engine)); err != nil {
			t.Errorf("%s:%d (RESP%d)\n%s\n  %v", script.path, s.requestLine(), dialect, s.request, err)
		}
	}
	for name, c := range p.clients {
		if left := append(c.later, p.read(c.Received())...); len(left) > 0 {
			t.Errorf("%s (RESP%d): nobody receives what came to %c: %v", script.path, dialect, name, left)
		}
	}
}

// play does what a step says and returns what came: one value at most for a request, and any number for @receive.
func (p *player) play(s *step) (values []proto.Value, closed bool) {
	c := p.clients[s.client]
	if c == nil {
		c = &played{Client: p.engine.Connect(p.dialect)}
		p.clients[s.client] = c
	}
	if s.words == nil {
		values, c.later = append(c.later, p.read(c.Received())...), nil
	} else {
		if left := append(c.later, p.read(c.Received())...); len(left) > 0 {
			p.t.Errorf("%s: nobody receives what came before it: %v", s.request, left)
		}
		values = p.read(c.Send(s.words))
		first := min(len(values), 1)
		values, c.later = values[:first:first], values[first:]
	}
	if c.Closed() {
		delete(p.clients, s.client)
	}
	return values, c.Closed()
}

// read returns the values that came.
func (p *player) read(raw []byte) (values []proto.Value) {
	rest := bytes.NewReader(raw)
	for r := proto.NewValueReader(rest, len(raw)); r.Buffered()+rest.Len() > 0; {
		value, err := r.Read()
		if err != nil {
			p.t.Fatalf("%q: %v", raw, err)
		}
		values = append(values, value)
	}
	return values
}
