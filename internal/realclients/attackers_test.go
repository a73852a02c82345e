package realclients

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// mostMemory is what the server may ever have taken, in bytes. Attackers ask for a gigabyte at least.
const mostMemory = 512 << 20

// While attackers are at it, good clients get right answers to everything and no errors; how fast is for bench to say.
func TestAttackers(t *testing.T) {
	attacks := []section{
		{"pipeline of a million", attackPipeline},
		{"line without end", attackLine},
		{"slowloris", attackSlowly},
		{"resets", attackResets},
		{"deaf subscriber", attackDeaf},
		ours("slow reader", attackSlowReader),
		ours("announced lengths", attackAnnounced),
		ours("endless transaction", attackTransaction),
	}
	for i, attack := range attacks {
		attacks[i].run = func(t *testing.T, s *server) {
			if s.ours && !racing() { // looking for races takes memory of its own
				defer checkMemory(t, s)
			}
			besideGoodClients(t, s, func() { attack.run(t, s) })
		}
	}
	each(t, attacks...)
}

// checkMemory reads from the system how much memory the server has had at most.
func checkMemory(t *testing.T, s *server) {
	_, rest, _ := strings.Cut(must(t, s.admin.Info(t.Context(), "server")), "process_id:")
	pid, _, _ := strings.Cut(rest, "\r\n")
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Logf("the system does not say how much memory the server takes: %v", err)
		return
	}
	_, rest, _ = strings.Cut(string(status), "VmHWM:")
	peak, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil || peak<<10 > mostMemory {
		t.Errorf("the server took %d KiB: %v", peak, err)
	}
}

// besideGoodClients runs an attack while 50 clients write and read what is theirs, which must succeed each time.
func besideGoodClients(t *testing.T, s *server, attack func()) {
	const clients, rounds = 50, 20
	var over atomic.Bool
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			client := redis.NewClient(&redis.Options{Addr: s.addr, PoolSize: 1, MaxRetries: -1, ReadTimeout: giveUp, DialTimeout: giveUp})
			defer client.Close()
			for n := 0; n < rounds || !over.Load(); n++ {
				key, want := fmt.Sprint("good:", i), fmt.Sprint(n)
				client.Set(t.Context(), key, want, 0)
				if got, err := client.Get(t.Context(), key).Result(); err != nil || got != want {
					t.Errorf("a good client gets %q, %v, want %q", got, err, want)
					return
				}
			}
		})
	}
	defer func() { over.Store(true); all.Wait() }()
	attack()
}

// attacker is a bare connection.
type attacker struct {
	*net.TCPConn
	t  *testing.T
	in *bufio.Reader
}

func dialAttacker(t *testing.T, s *server) *attacker {
	t.Helper()
	nc, err := net.Dial("tcp", s.addr)
	try(t, "connecting", err)
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(giveUp))
	return &attacker{nc.(*net.TCPConn), t, bufio.NewReader(nc)}
}

// expect sends a text and reads the reply to it.
func (a *attacker) expect(sent, want string) {
	a.t.Helper()
	if _, err := io.WriteString(a, sent); err != nil {
		a.t.Fatalf("sending %.40q: %v", sent, err)
	}
	got := make([]byte, len(want))
	if n, err := io.ReadFull(a.in, got); err != nil || string(got) != want {
		a.t.Fatalf("%.40q is answered %.80q, %v", sent, got[:n], err)
	}
}

// attackPipeline sends a million commands before it reads the first reply. All are answered once it does.
func attackPipeline(t *testing.T, s *server) {
	const n = 1_000_000
	a := dialAttacker(t, s)
	sent := begin(func() (int, error) { return io.WriteString(a, strings.Repeat("PING\r\n", n)) })
	for i := range n {
		if line, err := a.in.ReadSlice('\n'); err != nil || string(line) != "+PONG\r\n" {
			t.Fatalf("reply %d is %q, %v", i, line, err)
		}
	}
	try(t, "sending", receive(t, "the end", sent).err)
}

// attackLine sends a line that does not end.
func attackLine(t *testing.T, s *server) {
	for range 20 {
		a := dialAttacker(t, s)
		io.WriteString(a, strings.Repeat("x", 100_000)) // fails where the server has closed
		line, err := a.in.ReadString('\n')
		if want := "-ERR Protocol error: too big inline request\r\n"; err == nil && line != want {
			t.Errorf("a line without end is answered %q, %v", line, err)
		}
		if _, err := a.in.ReadByte(); err == nil {
			t.Error("behind it the connection is still open")
		}
	}
}

// attackSlowly has many connections send their requests a byte at a time.
func attackSlowly(t *testing.T, s *server) {
	const request = "*2\r\n$4\r\nECHO\r\n$4\r\nslow\r\n"
	var slow [300]*attacker
	for i := range slow {
		slow[i] = dialAttacker(t, s)
	}
	for i := range request {
		for _, a := range slow {
			if _, err := io.WriteString(a, request[i:i+1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, a := range slow {
		a.expect("", "$4\r\nslow\r\n")
		a.Close()
	}
}

// attackResets connects, asks for much, and resets the connection.
func attackResets(t *testing.T, s *server) {
	must(t, s.admin.Set(t.Context(), "large", strings.Repeat("x", 1<<20), 0))
	for range 500 {
		a := dialAttacker(t, s)
		io.WriteString(a, "GET large\r\nGET large\r\nGET large\r\n")
		a.SetLinger(0)
		a.Close()
	}
}

// attackDeaf subscribes and does not read. It is cut off once it holds up too much; who reads gets every message.
func attackDeaf(t *testing.T, s *server) {
	const size = 64 << 10
	deaf, listener := dialAttacker(t, s), dialAttacker(t, s)
	const confirmed = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n"
	deaf.expect("SUBSCRIBE news\r\n", confirmed)
	listener.expect("SUBSCRIBE news\r\n", confirmed)
	for n := 0; ; n++ {
		message := fmt.Sprintf("%0*d", size, n)
		receivers := must(t, s.admin.Publish(t.Context(), "news", message))
		listener.expect("", fmt.Sprintf("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$%d\r\n%s\r\n", size, message))
		if receivers == 1 {
			break
		}
		if n*size > 1<<30 {
			t.Fatal("the deaf subscriber may hold up a gigabyte")
		}
	}
	_, err := io.Copy(io.Discard, deaf.in)
	if netErr, ok := err.(net.Error); ok && netErr.Timeout() {
		t.Error("the deaf subscriber is not disconnected")
	}
}

// attackSlowReader asks for a gigabyte and does not take it.
func attackSlowReader(t *testing.T, s *server) {
	must(t, s.admin.Set(t.Context(), "large", strings.Repeat("x", 1<<20), 0))
	const greedy = 20
	for range greedy {
		a := dialAttacker(t, s)
		io.WriteString(a, strings.Repeat("GET large\r\n", 1000))
	}
	before := calls(t, s)
	await(t, "much else is answered meanwhile", func() bool { return calls(t, s) > before+1000 })
}

// calls returns how many commands the server has run.
func calls(t *testing.T, s *server) int {
	_, rest, _ := strings.Cut(must(t, s.admin.Info(t.Context(), "stats")), "total_commands_processed:")
	number, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.Atoi(number)
	try(t, "total_commands_processed", err)
	return n
}

// attackAnnounced has many connections announce half a gigabyte each and send nearly nothing of it.
func attackAnnounced(t *testing.T, s *server) {
	for range 300 {
		io.WriteString(dialAttacker(t, s), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nx")
		io.WriteString(dialAttacker(t, s), "*1048576\r\n$1\r\nx\r\n")
	}
	before := calls(t, s)
	await(t, "much else is answered meanwhile", func() bool { return calls(t, s) > before+1000 })
}

// attackTransaction queues a gigabyte. The server must refuse to go on before, by an error or by closing the connection.
func attackTransaction(t *testing.T, s *server) {
	a := dialAttacker(t, s)
	a.expect("MULTI\r\n", "+OK\r\n")
	value := strings.Repeat("x", 1<<20)
	for range 1024 {
		if _, err := fmt.Fprintf(a, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n", len(value), value); err != nil {
			return
		}
		if line, err := a.in.ReadString('\n'); err != nil || strings.HasPrefix(line, "-") {
			return
		}
	}
	t.Error("a gigabyte is queued")
}
