package actor

import (
	"log/slog"
	"testing"

	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// BenchmarkSlice is what the engine adds to each command of a pipeline of 64: gate, timing and counting of commands that do
// nothing. Timing is with the settings that are the default.
func BenchmarkSlice(b *testing.B) {
	row := func(name string, flags Flags) Command {
		return Command{Name: name, Arity: -1, Flags: flags, Run: func(c *Call) error { c.Reply.OK(); return nil }, Group: "g", Since: "1", Summary: "s"}
	}
	for name, commands := range map[string][]string{
		"fast": {"fast"}, "not fast": {"plain"}, "by turns": {"fast", "other"},
	} {
		b.Run(name, func(b *testing.B) {
			table, err := NewTable([]Command{row("fast", Fast), row("other", Fast), row("plain", 0)})
			if err != nil {
				b.Fatal(err)
			}
			a := New(Options{
				Table: table, Store: store.New(store.Options{Databases: 1}), Clock: SystemClock(), Log: slog.New(slog.DiscardHandler),
				Bounds: Bounds{Slowlog: SlowlogBounds{On: true, Threshold: 10e6, MaxLen: 128}, LatencyTracking: true},
			})
			batch := NewBatch(a.NewSession(nil, "", "", true))
			for i := range 64 {
				args := proto.Args{[]byte(commands[i%len(commands)]), []byte("k")}
				batch.Requests = append(batch.Requests, Request{table.Lookup(args), args})
			}
			for n := 0; n < b.N; n += 64 {
				batch.next = 0
				batch.Reply.Reset()
				a.tick()
				a.begin(batch)
				a.slice(batch)
			}
		})
	}
}
