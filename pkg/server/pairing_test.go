package server

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"snakecache/pkg/proto"
)

var pairs = flag.Int("pairs", 8_000, "how many replies TestPairing receives")

// dialogue is a connection that knows what must come back for everything it sends. Its tokens contain its own number, which no
// other connection ever has, so that a reply of another one shows, even of one that is gone.
type dialogue struct {
	*client
	id     int64
	serial int
	random *rand.Rand
	resp3  bool
	wire   []byte
	want   []string // the replies, as Value.String writes them
	pushes []string // what is pushed meanwhile, at any time
}

// token returns a text that is sent once. Most are short, some are handed over by reference.
func (k *dialogue) token() string {
	k.serial++
	return fmt.Sprintf("%d.%d.%s", k.id, k.serial, strings.Repeat("x", k.random.IntN(1<<k.random.IntN(16))))
}

func (k *dialogue) key() string { return fmt.Sprint("key:", k.id) }

// request appends a request for which the reply must be this.
func (k *dialogue) request(reply proto.Value, words ...string) {
	k.wire = proto.AppendCommand(k.wire, words...)
	k.want = append(k.want, reply.String())
}

func simple(s string) proto.Value            { return proto.Value{Type: '+', Text: s} }
func bulk(s string) proto.Value              { return proto.Value{Type: '$', Text: s} }
func integer(n int64) proto.Value            { return proto.Value{Type: ':', Int: n} }
func array(elems ...proto.Value) proto.Value { return proto.Value{Type: '*', Elems: elems} }
func problem(format string, a ...any) proto.Value {
	return proto.Value{Type: '-', Text: fmt.Sprintf(format, a...)}
}

// null is a missing string.
func (k *dialogue) null() proto.Value {
	if k.resp3 {
		return proto.Value{Type: '_', Null: true}
	}
	return proto.Value{Type: '$', Null: true}
}

// plainExchanges are what is asked in a dialogue. None leaves anything behind that another would mind.
var plainExchanges = []func(k *dialogue, token string){
	func(k *dialogue, token string) { k.request(bulk(token), "ECHO", token) },
	func(k *dialogue, token string) {
		k.request(simple("OK"), "SET", k.key(), token)
		k.request(bulk(token), "GET", k.key())
		k.request(array(bulk(token), k.null(), bulk(token)), "MGET", k.key(), "nosuch", k.key())
	},
	func(k *dialogue, token string) {
		list := k.key() + ":list"
		k.request(integer(2), "RPUSH", list, token, "y")
		k.request(array(bulk(token), bulk("y")), "LRANGE", list, "0", "-1")
		k.request(integer(1), "DEL", list)
	},
	func(k *dialogue, token string) {
		token = token[:min(len(token), 50)]
		k.request(problem("ERR unknown command '%s', with args beginning with: ", token), token)
	},
}

// sessionExchanges go through what a connection has of its own: its queue, its waiting, and what it is told of.
var sessionExchanges = []func(k *dialogue, token string){
	func(k *dialogue, token string) {
		k.request(simple("OK"), "MULTI")
		k.request(simple("QUEUED"), "SET", k.key(), token)
		k.request(simple("QUEUED"), "GET", k.key())
		k.request(array(simple("OK"), bulk(token)), "EXEC")
	},
	func(k *dialogue, token string) {
		list := k.key() + ":queue"
		k.request(integer(1), "RPUSH", list, token)
		k.request(array(bulk(list), bulk(token)), "BLPOP", list, "0")
	},
	func(k *dialogue, token string) {
		if !k.resp3 {
			k.request(integer(0), "PUBLISH", k.key(), token)
			return
		}
		k.request(integer(1), "PUBLISH", k.key(), token) // it has subscribed to its own channel
		push := proto.Value{Type: '>', Elems: []proto.Value{bulk("message"), bulk(k.key()), bulk(token)}}
		k.pushes = append(k.pushes, push.String())
	},
}

// Each of 200 connections gets the replies to its own requests in their order, however requests are cut and mixed, and while
// others of them vanish in the middle of a reply.
func TestPairing(t *testing.T) {
	t.Run("replies", func(t *testing.T) {
		both(t, func(t *testing.T, r *rig) { checkPairing(t, r, false, plainExchanges) })
	})
	t.Run("sessions", func(t *testing.T) {
		both(t, func(t *testing.T, r *rig) { checkPairing(t, r, true, append(sessionExchanges, plainExchanges...)) })
	})
}

func checkPairing(t *testing.T, r *rig, subscribe bool, exchanges []func(*dialogue, string)) {
	const connections = 200
	var ids, replies atomic.Int64
	var all sync.WaitGroup
	for i := range connections {
		random := rand.New(rand.NewPCG(uint64(i), 8))
		all.Go(func() {
			for replies.Load() < int64(*pairs) && !t.Failed() {
				n, err := converse(r, random, ids.Add(1), subscribe, exchanges)
				if err != nil {
					t.Error(err)
				}
				replies.Add(int64(n))
			}
		})
	}
	all.Wait()
}

// converse connects, asks a few rounds, and often leaves in the middle of a reply. It returns how many replies it got.
func converse(r *rig, random *rand.Rand, id int64, subscribe bool, exchanges []func(*dialogue, string)) (replies int, err error) {
	nc, err := net.Dial("tcp", r.addr)
	if err != nil {
		return 0, err
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(giveUp))
	k := &dialogue{client: newClient(r.t, nc), id: id, random: random, resp3: random.IntN(2) == 0}
	if k.resp3 {
		if _, err := k.ask("HELLO", "3"); err != nil {
			return 0, err
		}
		if subscribe {
			if _, err := k.ask("SUBSCRIBE", k.key()); err != nil {
				return 0, err
			}
		}
	}
	defer k.tidy()
	for range 1 + random.IntN(4) {
		for range 1 + random.IntN(20) {
			exchanges[random.IntN(len(exchanges))](k, k.token())
		}
		leave := -1 // behind which reply
		if random.IntN(3) == 0 {
			leave = random.IntN(len(k.want))
		}
		sent := make(chan struct{})
		go k.sendInPieces(sent)
		n, err := k.receive(leave)
		if replies += n; err != nil || leave >= 0 {
			k.leave()
			<-sent
			return replies, err
		}
		<-sent
	}
	return replies, nil
}

// tidy deletes what the dialogue has stored, on another connection, as its own may be gone.
func (k *dialogue) tidy() {
	if nc, err := net.Dial("tcp", k.RemoteAddr().String()); err == nil {
		newClient(k.t, nc).ask("DEL", k.key(), k.key()+":list", k.key()+":queue")
		nc.Close()
	}
}

// sendInPieces writes what is to be sent in pieces of all sizes. The reader notices if it fails.
func (k *dialogue) sendInPieces(sent chan<- struct{}) {
	defer close(sent)
	random := rand.New(rand.NewPCG(uint64(k.id), uint64(k.serial)))
	wire := k.wire
	k.wire = nil
	for len(wire) > 0 {
		n := min(len(wire), 1+random.IntN(1<<random.IntN(16)))
		if _, err := k.Write(wire[:n]); err != nil {
			return
		}
		wire = wire[n:]
	}
}

// receive reads what must come, up to the reply behind which to leave, of which it takes a piece of the next with it.
func (k *dialogue) receive(leave int) (replies int, err error) {
	for len(k.want)+len(k.pushes) > 0 {
		if replies == leave {
			k.in.Discard(k.random.IntN(k.in.Buffered() + 1))
			return replies, nil
		}
		v, err := k.values.Read()
		if err != nil {
			return replies, fmt.Errorf("waiting for %.60q: %w", k.want, err)
		}
		due := &k.want
		if v.Type == '>' {
			due = &k.pushes
		} else {
			replies++
		}
		if got := v.String(); len(*due) == 0 || got != (*due)[0] {
			return replies, fmt.Errorf("connection %d: got %.100q, want %.100q", k.id, got, *due)
		}
		*due = (*due)[1:]
	}
	return replies, nil
}

// leave ends the connection in one of the ways in which that happens.
func (k *dialogue) leave() {
	switch k.random.IntN(3) {
	case 0:
		k.reset()
	case 1:
		k.CloseWrite()
		k.Close()
	default:
		k.Close()
	}
}
