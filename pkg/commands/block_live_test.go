package commands_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

var blockedSteps = flag.Int("blocked", 3000, "how many requests TestBlockedLive sends to both servers")

// TestBlockedLive has several clients block and serve each other, here and at a real Redis, and compares who gets what. Each
// step is over at both before the next one.
func TestBlockedLive(t *testing.T) {
	addr := redistest.Start(t).Options().Addr
	const length = 500
	for seed := range uint64(*blockedSteps/length + 1) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			d := startCrowd(t, addr, seed)
			for i := 0; i < length && !t.Failed(); i++ {
				d.step()
			}
			d.finish()
		})
	}
}

// crowd is some clients of two servers, and one of each that is never blocked.
type crowd struct {
	t       *testing.T
	random  *rand.Rand
	addr    string
	engine  *actortest.Engine
	members []*member
	watch   *member
	history []string

	chains bool // elements are moved on; else clients wait for several keys, of which Redis 7.0 takes another than 7.2 then
	added  int  // elements so far
	entry  int  // of streams
}

// member is one client of both servers.
type member struct {
	ours          *actortest.Client
	theirs        *remote
	oursID, their string
}

func startCrowd(t *testing.T, addr string, seed uint64) *crowd {
	d := &crowd{t: t, addr: addr, random: rand.New(rand.NewPCG(seed, 7)), engine: startEngine(t), chains: seed%2 == 0}
	d.watch = d.join(proto.RESP2)
	d.watch.theirs.must("FLUSHALL")
	for _, words := range []string{"XGROUP CREATE s1 g $ MKSTREAM", "XGROUP CREATE s2 g $ MKSTREAM"} {
		d.watch.ours.Do(strings.Fields(words)...)
		d.watch.theirs.must(strings.Fields(words)...)
	}
	for i := range 4 + int(seed)%5 {
		d.members = append(d.members, d.join(dialects[i%2]))
	}
	return d
}

func (d *crowd) join(dialect int) *member {
	m := &member{ours: d.engine.Connect(dialect), theirs: dial(d.t, d.addr, dialect)}
	d.t.Cleanup(func() { m.theirs.conn.Close() })
	m.oursID, m.their = m.ours.Do("CLIENT", "ID").String()[1:], m.theirs.must("CLIENT", "ID").String()[1:]
	return m
}

// step sends one request of a client that is not blocked, or ends one that is, and compares what comes to all.
func (d *crowd) step() {
	i := d.random.IntN(len(d.members))
	m := d.members[i]
	var mine []byte
	switch {
	case !m.ours.Parked():
		words := strings.Fields(d.request())
		d.history = append(d.history, fmt.Sprintf("%c> %s", 'A'+i, strings.Join(words, " ")))
		mine = m.ours.Send(asArgs(words))
		m.theirs.conn.Write(proto.AppendCommand(nil, words...))
	case d.random.IntN(4) > 0:
		d.unblock(i)
	default:
		d.end(i)
	}
	for j, other := range d.members {
		got := other.ours.Received()
		if j == i {
			got = append(mine, got...)
		}
		d.compare(j, got)
	}
	d.settle()
}

// unblock has the watching client end a client's wait.
func (d *crowd) unblock(i int) {
	reason := []string{"TIMEOUT", "ERROR"}[d.random.IntN(2)]
	d.history = append(d.history, fmt.Sprintf("CLIENT UNBLOCK %c %s", 'A'+i, reason))
	ours := d.watch.ours.Do("CLIENT", "UNBLOCK", d.members[i].oursID, reason)
	if theirs := d.watch.theirs.must("CLIENT", "UNBLOCK", d.members[i].their, reason); ours.Int != 1 || theirs.Int != 1 {
		d.fail("CLIENT UNBLOCK says %v here and %v there", ours, theirs)
	}
}

// end has a client vanish, or be killed, and another one take its place.
func (d *crowd) end(i int) {
	m := d.members[i]
	if d.random.IntN(2) == 0 {
		d.history = append(d.history, fmt.Sprintf("%c vanishes", 'A'+i))
		m.ours.Close()
	} else {
		d.history = append(d.history, fmt.Sprintf("CLIENT KILL %c", 'A'+i))
		d.watch.ours.Do("CLIENT", "KILL", "ID", m.oursID)
		d.watch.theirs.must("CLIENT", "KILL", "ID", m.their)
		if _, err := m.theirs.values.Read(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) || !m.ours.Closed() {
			d.fail("CLIENT KILL does not end the client: %v", err)
		}
	}
	m.theirs.conn.Close()
	d.settle()
	d.members[i] = d.join(dialects[i%2])
}

// compare reads as many replies of the real server as ours has sent the client, which must be the same.
func (d *crowd) compare(i int, mine []byte) {
	c := d.members[i].theirs
	c.conn.SetDeadline(time.Now().Add(replyTimeout))
	rest := strings.NewReader(string(mine))
	for r := proto.NewValueReader(rest, longestReply); rest.Len()+r.Buffered() > 0; {
		ours, err := r.Read()
		if err != nil {
			d.t.Fatalf("%q: %v", mine, err)
		}
		theirs, err := c.values.Read()
		if err != nil || ours.String() != theirs.String() {
			d.fail("%c gets\n%v\nand from Redis\n%v %v", 'A'+i, ours, theirs, err)
		}
	}
}

// settle returns when as many clients are blocked at the real server as here. If more has come to one of them than here, the
// next comparison finds it.
func (d *crowd) settle() {
	_, figures := d.engine.State()
	want := "\r\nblocked_clients:" + strconv.Itoa(figures.Blocked) + "\r\n"
	for end := time.Now().Add(replyTimeout); !strings.Contains(d.watch.theirs.must("INFO", "clients").Text, want); {
		if time.Now().After(end) {
			d.fail("%d clients are blocked here, and others at Redis", figures.Blocked)
			return
		}
	}
}

// finish ends all waits and compares what is left.
func (d *crowd) finish() {
	for i, m := range d.members {
		if m.ours.Parked() {
			d.unblock(i)
			d.compare(i, m.ours.Received())
		}
	}
	mine, real := contents(ours{d.watch.ours}), contents(theirs{d.watch.theirs})
	for key := range real {
		if mine[key].content != real[key].content {
			d.fail("%s: %v, and at Redis %v", key, mine[key].content, real[key].content)
		}
	}
	if len(mine) != len(real) {
		d.fail("%d keys, and at Redis %d", len(mine), len(real))
	}
}

func (d *crowd) fail(format string, args ...any) {
	d.t.Helper()
	d.t.Errorf(format+"\nafter\n%s", append(args, strings.Join(d.history[max(0, len(d.history)-40):], "\n"))...)
}

// list, zset and stream are keys; elements are never the same twice.
func (d *crowd) list() string   { return d.choose("l1", "l2", "l3") }
func (d *crowd) zset() string   { return d.choose("z1", "z2") }
func (d *crowd) stream() string { return d.choose("s1", "s2") }

func (d *crowd) choose(from ...string) string { return from[d.random.IntN(len(from))] }

func (d *crowd) elements() string {
	var all []string
	for range 1 + d.random.IntN(3) {
		d.added++
		all = append(all, strconv.Itoa(d.added))
	}
	return strings.Join(all, " ")
}

// several are one key or, where clients wait for many, up to three with repetitions.
func (d *crowd) several(key func() string) (keys string) {
	keys = key()
	for !d.chains && d.random.IntN(2) == 0 {
		keys += " " + key()
	}
	return keys
}

func (d *crowd) counted(key func() string) string {
	keys := d.several(key)
	return fmt.Sprintf("%d %s", len(strings.Fields(keys)), keys)
}

// request is one that blocks, half of the time, or one that serves.
func (d *crowd) request() string {
	if d.random.IntN(2) == 0 {
		return d.serving()
	}
	end := d.choose("LEFT", "RIGHT")
	switch d.random.IntN(9) {
	case 0, 1:
		return d.choose("BLPOP", "BRPOP") + " " + d.several(d.list) + " 0"
	case 2:
		return "BLMPOP 0 " + d.counted(d.list) + " " + end + d.choose("", " COUNT 2")
	case 3:
		return d.choose("BZPOPMIN", "BZPOPMAX") + " " + d.several(d.zset) + " 0"
	case 4:
		return "BZMPOP 0 " + d.counted(d.zset) + d.choose(" MIN", " MAX") + d.choose("", " COUNT 2")
	case 5:
		return "XREAD BLOCK 0 STREAMS s1 s2 $ " + d.choose("$", strconv.Itoa(d.entry))
	case 6:
		return "XREADGROUP GROUP g " + d.choose("a", "b") + " BLOCK 0" + d.choose("", " NOACK") + " STREAMS " + d.stream() + " >"
	}
	if !d.chains {
		return "BLPOP " + d.list() + " 0"
	}
	return d.choose("BLMOVE "+d.list()+" "+d.list()+" "+end+d.choose(" LEFT 0", " RIGHT 0"), "BRPOPLPUSH "+d.list()+" "+d.list()+" 0")
}

func (d *crowd) serving() string {
	switch d.random.IntN(12) {
	case 0, 1, 2:
		return d.choose("LPUSH ", "RPUSH ", "LPUSHX ", "RPUSH ") + d.list() + " " + d.elements()
	case 3, 4:
		return fmt.Sprintf("ZADD %s %d %s", d.zset(), d.random.IntN(10)-5, d.choose("a", "b", "c", "d"))
	case 5:
		d.entry++
		return fmt.Sprintf("XADD %s %d a %d", d.stream(), d.entry, d.entry)
	case 6:
		return d.choose("RENAME ", "COPY ", "RPOPLPUSH ", "SORT ") + d.list() + d.choose(" ", " STORE ") + d.list()
	case 7:
		return "ZUNIONSTORE " + d.zset() + " 1 " + d.zset()
	case 8:
		return "DEL " + d.choose(d.list(), d.zset())
	case 9:
		return d.choose("LPOP ", "LLEN ", "TTL ") + d.list()
	case 10:
		if d.chains { // a request for several keys, that runs again, finds one of the wrong type since 7.2
			return d.choose("SET "+d.list()+" text", "DEL "+d.list())
		}
	}
	return d.choose("XTRIM "+d.stream()+" MAXLEN 3", "ZPOPMIN "+d.zset(), "RENAME "+d.zset()+" "+d.zset())
}
