package commands_test

import (
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
	}
}

// player plays a transcript to an engine of ours.
type player struct {
	t       *testing.T
	engine  *actortest.Engine
	dialect int
	clients map[byte]*actortest.Client
}

// replay runs a transcript and checks every reply, and what it says about the data.
func replay(t *testing.T, script *transcript, dialect int) {
	p := &player{t: t, engine: startEngine(t), dialect: dialect, clients: map[byte]*actortest.Client{}}
	for _, s := range script.steps {
		if s.advance > 0 {
			p.engine.Advance(s.advance)
		}
		if s.request == "" {
			continue
		}
		before := observe(p.engine)
		reply, closed := p.ask(s)
		if got := s.render(reply, closed); !s.fits(dialect, got) {
			t.Error(s.mismatch(script, dialect, got))
		}
		command := p.engine.Table().Lookup(s.words)
		if err := checkEffects(command, reply, before, observe(p.engine)); err != nil {
			t.Errorf("%s:%d (RESP%d)\n%s\n  %v", script.path, s.requestLine(), dialect, s.request, err)
		}
	}
}

// ask sends a step's request. The reply is the zero Value if none came.
func (p *player) ask(s *step) (reply proto.Value, closed bool) {
	c := p.clients[s.client]
	if c == nil {
		c = p.engine.Connect(p.dialect)
		p.clients[s.client] = c
	}
	if raw := c.Send(s.words); len(raw) > 0 {
		var err error
		if reply, err = actortest.ReadOne(raw); err != nil {
			p.t.Fatalf("%s: %v", s.request, err)
		}
	}
	if c.Closed() {
		delete(p.clients, s.client)
	}
	return reply, c.Closed()
}
