package commands_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// Every transcript is played to us and to a real Redis, with a subscriber to keyspace notifications on either side, and each
// command must bring about the same ones in the same order.

// everyEvent is notify-keyspace-events with all that there are.
const everyEvent = "KEAmn"

// eventsDiffer are requests whose events are not those of Redis 7.0.15, and why.
var eventsDiffer = map[string]string{
	"> BITFIELD f OVERFLOW FAIL SET u8 8 300":    "it made the key, which is a change, as later versions say too",
	"> SORT id BY o_*":                           "it fails at the first weight that is no number, and looks at no others",
	"> XCLAIM s g dora 0 2-2 JUSTID":             "7.2 makes the consumer first",
	"> XCLAIM s g carol 0 9-9 JUSTID":            "7.2 makes the consumer first",
	"> XAUTOCLAIM many g bob 10000 0 COUNT 1":    "7.2 makes the consumer first",
	"> XAUTOCLAIM many g bob 10000 11-0 COUNT 1": "which 7.0 does only now",
	"> XAUTOCLAIM s g dora 100000 0":             "7.2 makes the consumer first",
	"> XREADGROUP GROUP h zoe STREAMS t >":       "7.2 makes the consumer first",
	"> XREADGROUP GROUP h zoe STREAMS t 0":       "which 7.0 does only now",
}

// uncomparable reports whether a transcript has clients that wait for something, or ends the one that looks on.
func uncomparable(script *transcript) bool {
	return slices.ContainsFunc(script.steps, func(s *step) bool {
		return s.request != "" && (s.words == nil || s.wants("@nothing") || strings.Contains(s.request, "CLIENT KILL"))
	})
}

// onlooker is subscribed to all notifications of a real Redis.
type onlooker struct{ *remote }

// look returns what has happened since it looked last.
func (o onlooker) look() (seen []string) {
	o.conn.SetDeadline(time.Now().Add(replyTimeout))
	o.conn.Write(proto.AppendCommand(nil, "PING"))
	for {
		v, err := o.values.Read()
		if err != nil {
			o.t.Fatal(err)
		}
		if len(v.Elems) == 2 {
			return seen
		}
		seen = addEvent(seen, v)
	}
}

// addEvent adds what a message says, unless a deadline or a lack of memory brought it about: when is not the same there.
func addEvent(seen []string, message proto.Value) []string {
	channel, payload := message.Elems[2].Text, message.Elems[3].Text
	for _, byItself := range []string{"expired", "evicted"} {
		if strings.HasSuffix(channel, "__:"+byItself) || payload == byItself {
			return seen
		}
	}
	return append(seen, channel+" "+payload)
}

// heard returns the same of ours.
func heard(t *testing.T, c *actortest.Client) (seen []string) {
	raw := c.Received()
	rest := bytes.NewReader(raw)
	for r := proto.NewValueReader(rest, len(raw)); r.Buffered()+rest.Len() > 0; {
		v, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Elems) == 4 {
			seen = addEvent(seen, v)
		}
	}
	return seen
}

func TestEventsAreAsInRedis(t *testing.T) {
	server := redistest.Start(t, "--notify-keyspace-events", everyEvent, "--enable-debug-command", "yes")
	addr := server.Options().Addr
	for _, script := range transcripts(t) {
		name := strings.TrimSuffix(filepath.Base(script.path), ".txt")
		if !uncomparable(script) {
			t.Run(name, func(t *testing.T) { compareEvents(t, script, addr) })
		}
	}
}

// compareEvents plays one transcript, up to a step with which the two servers cannot be compared any more: time passes, or a
// command that the real one does not have changes data.
func compareEvents(t *testing.T, script *transcript, addr string) {
	p := &player{t: t, engine: startEngine(t), dialect: proto.RESP2, clients: map[byte]*played{}}
	ours := p.engine.Connect(proto.RESP2)
	theirs := onlooker{dial(t, addr, proto.RESP2)}
	defer theirs.conn.Close()
	theirs.must("FLUSHALL")
	theirs.must("CONFIG", "SET", "notify-keyspace-events", everyEvent) // a transcript may have set it back
	ours.Do("CONFIG", "SET", "notify-keyspace-events", everyEvent)
	ours.Do("PSUBSCRIBE", "__key*")
	theirs.must("PSUBSCRIBE", "__key*")
	clients := map[byte]*remote{}
	for _, s := range script.steps {
		if s.advance > 0 {
			return
		}
		if s.words == nil {
			continue
		}
		if clients[s.client] == nil {
			clients[s.client] = dial(t, addr, proto.RESP2)
			defer clients[s.client].conn.Close()
		}
		reply, _ := p.play(s)
		command := p.engine.Table().Lookup(s.words)
		if command == nil {
			clients[s.client].ask(s) // it spoils a transaction
			continue
		}
		if newer[command.FullName()] != "" || s.differs {
			if told := heard(t, ours); slices.ContainsFunc(told, isChange) {
				return
			}
			continue
		}
		clients[s.client].ask(s)
		we, they := heard(t, ours), theirs.look()
		if !slices.Equal(we, they) && eventsDiffer[s.request] == "" {
			t.Errorf("%s:%d: %s\n  %v\n  ours are\n\t%s\n  Redis says\n\t%s", script.path, s.requestLine(), s.request, reply,
				strings.Join(we, "\n\t"), strings.Join(they, "\n\t"))
		}
	}
}

// isChange reports whether an event is one of changed data.
func isChange(event string) bool { return !strings.Contains(event, "keymiss") }

// An event without a class would be told to who asked for generic ones.
func TestEveryEventHasAClass(t *testing.T) {
	for _, script := range transcripts(t) {
		p := &player{t: t, engine: startEngine(t), dialect: proto.RESP3, clients: map[byte]*played{}}
		onlooker := p.engine.Connect(proto.RESP3)
		onlooker.Do("CONFIG", "SET", "notify-keyspace-events", everyEvent)
		onlooker.Do("PSUBSCRIBE", "__keyevent@*")
		for _, s := range script.steps {
			if s.advance > 0 {
				p.engine.Advance(s.advance)
			}
			if s.request == "" {
				continue
			}
			p.play(s)
			for _, event := range heard(t, onlooker) {
				channel, _, _ := strings.Cut(event, " ")
				if _, name, _ := strings.Cut(channel, "__:"); actor.NotifyClass(name) == 0 {
					t.Errorf("%s: %s is in no class", s.request, name)
				}
			}
		}
	}
}
