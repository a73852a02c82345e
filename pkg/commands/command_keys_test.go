package commands_test

import (
	"slices"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

// Every form of every command that both know has the same keys, used in the same way. A bare name is left out: the oracle
// does not take it yet.
func TestKeysAreAsInRedis(t *testing.T) {
	addr := redistest.Start(t).Options().Addr
	theirs := dial(t, addr, proto.RESP2)
	defer theirs.conn.Close()
	ours := startEngine(t).Connect(proto.RESP2)
	for _, s := range sharedShapes(t, addr) {
		for _, f := range sequence(s.arguments) {
			words := form{words: strings.Split(s.row.FullName(), "|")}.append(f).words
			if len(words) == 1 {
				continue
			}
			for _, ask := range []string{"GETKEYS", "GETKEYSANDFLAGS"} {
				request := slices.Concat([]string{"COMMAND", ask}, words)
				if got, want := ours.Do(request...), theirs.answer(request...); got.String() != want.String() {
					t.Errorf("%q: ours %v, Redis' %v", request, got, want)
				}
			}
		}
	}
}

// answer is must for requests that may be refused.
func (r *remote) answer(words ...string) proto.Value {
	r.t.Helper()
	r.conn.Write(proto.AppendCommand(nil, words...))
	reply, err := r.values.Read()
	if err != nil {
		r.t.Fatalf("%q: %v", words, err)
	}
	return reply
}
