package commands_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

var (
	sessionSteps = flag.Int("sessions", 2000, "how many steps of several sessions TestSessionsLive takes at both servers")
	sessionSeed  = flag.Uint64("session-seed", 0, "the seed of its first stream")
)

// TestSessionsLive has several sessions do at random what changes sessions, here and at a real Redis, and compares to the byte
// all that comes to each of them. Each step is over at both before the next one. A stream that fails is made as short as it
// can be and still fail.
func TestSessionsLive(t *testing.T) {
	addr := redistest.Listen(t, "--enable-debug-command", "yes")
	const length = 400
	defer func() { t.Logf("%d replies and pushes were compared", compared) }()
	for i := range uint64((*sessionSteps + length - 1) / length) {
		seed := *sessionSeed + i
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			steps := newSessionSteps(seed, length)
			if fault := playSessions(t, addr, steps, seed, patientSession); fault != "" {
				var last int
				if n, _ := fmt.Sscanf(fault, "\nstep %d:", &last); n == 1 {
					steps = steps[:last+1]
				}
				steps, fault = shrinkSteps(steps, fault, func(fewer []sessionStep) string { return playSessions(t, addr, fewer, seed, hastySession) })
				t.Error(describeSteps(steps), fault)
			}
		})
	}
}

// For how long what ours has sent may be missing at the real server before that is a fault.
const (
	patientSession = 2 * time.Second
	hastySession   = 50 * time.Millisecond
)

var compared int

// sessionStep is what one session sends at once. In a word @A stands for the number of session A.
type sessionStep struct {
	who      int
	requests []string
}

const sessionCount = 5

func describeSteps(steps []sessionStep) string {
	var text strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&text, "\n%c> %s", 'A'+s.who, strings.Join(s.requests, " ; "))
	}
	return text.String()
}

const shrinkFor = 20 * time.Second

// shrinkSteps leaves out steps, many at once first, as long as the rest fails.
func shrinkSteps(steps []sessionStep, fault string, play func([]sessionStep) string) ([]sessionStep, string) {
	began := time.Now()
	for size := len(steps) / 2; size > 0 && time.Since(began) < shrinkFor; {
		shorter := false
		for from := 0; from+size <= len(steps); {
			fewer := slices.Concat(steps[:from], steps[from+size:])
			if other := play(fewer); other != "" {
				steps, fault, shorter = fewer, other, true
			} else {
				from += size
			}
		}
		if !shorter || size > 1 {
			size /= 2
		}
	}
	return steps, fault
}

// sessions are the same sessions of both servers, and one of each that only asks.
type sessions struct {
	t        *testing.T
	addr     string
	patience time.Duration
	engine   *actortest.Engine
	control  *member
	members  []*sessionPair
}

// sessionPair is a session of each server.
type sessionPair struct {
	ours   *actortest.Client
	theirs net.Conn
}

// playSessions starts anew at both servers, takes the steps, and returns how the servers differed, or nothing.
func playSessions(t *testing.T, addr string, steps []sessionStep, seed uint64, patience time.Duration) (fault string) {
	s := &sessions{t: t, addr: addr, patience: patience, engine: startEngine(t)}
	theirs := dial(t, addr, proto.RESP2)
	defer theirs.conn.Close()
	for _, words := range []string{"CLIENT UNPAUSE", "CLIENT KILL TYPE normal", "CLIENT KILL TYPE pubsub", "FLUSHALL", "CONFIG RESETSTAT"} {
		theirs.must(strings.Fields(words)...)
	}
	first := uint64(theirs.must("CLIENT", "ID").Int)
	s.control = &member{ours: s.engine.Connect(proto.RESP2), theirs: theirs}
	for s.control.ours.ID() < first {
		s.control.ours.Close()
		s.control.ours = s.engine.Connect(proto.RESP2)
	}
	defer s.closeAll()
	s.both("CLIENT", "SETNAME", "control")
	s.both("CLIENT", "TRACKING", "on") // when the last one stops, keys that were read are forgotten here, and not there
	for i := range sessionCount {
		s.members = append(s.members, nil)
		s.join(i)
	}
	s.both("CONFIG", "SET", "notify-keyspace-events", []string{"", "KEA", "Ex$l", "K$lmn"}[seed%4])
	for i, step := range steps {
		if fault = s.take(step); fault == "" && i%20 == 19 {
			fault = s.compareInfo()
		}
		if fault != "" {
			return fmt.Sprintf("\nstep %d: %s", i, fault)
		}
	}
	return s.compareInfo()
}

func (s *sessions) closeAll() {
	for _, m := range s.members {
		if m != nil {
			m.theirs.Close()
			m.ours.Close()
		}
	}
}

// join makes a session of both servers, with the same number.
func (s *sessions) join(i int) {
	theirs, err := net.DialTimeout("tcp", s.addr, replyTimeout)
	if err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	s.members[i] = &sessionPair{ours: s.engine.Connect(proto.RESP2), theirs: theirs}
	if i%2 == 1 {
		if fault := s.compare(i, s.exchange(i, "HELLO 3")); fault != "" {
			s.t.Fatal(fault)
		}
	}
}

// both has the asking sessions say something that is not refused.
func (s *sessions) both(words ...string) (ours, theirs proto.Value) {
	return s.control.ours.Do(words...), s.control.theirs.must(words...)
}

// settle returns when the real server has done what was sent before, and has written what came of it: that of a round of its
// loop before the next one begins. Monitors do not see it.
func (s *sessions) settle() {
	for range 2 {
		s.control.theirs.must("SLOWLOG", "LEN")
	}
}

func (s *sessions) fill(request string) proto.Args {
	for i, m := range s.members {
		request = strings.ReplaceAll(request, "@"+string(rune('A'+i)), strconv.FormatUint(m.ours.ID(), 10))
	}
	words, _ := proto.SplitWords([]byte(request))
	return words
}

// exchange sends a session's requests to both servers.
func (s *sessions) exchange(i int, requests ...string) (ours []byte) {
	var all []proto.Args
	var wire []byte
	for _, request := range requests {
		args := s.fill(request)
		wire = proto.AppendCommand(wire, args...)
		own := proto.Args{}
		for _, arg := range args {
			own = append(own, bytes.Clone(arg))
		}
		all = append(all, own)
	}
	s.members[i].theirs.Write(wire)
	ours = s.members[i].ours.Send(all...)
	s.settle()
	return ours
}

// take takes a step, unless its session is blocked, and compares what came to all.
func (s *sessions) take(step sessionStep) (fault string) {
	came := make([][]byte, len(s.members))
	if s.members[step.who].ours.Parked() {
		step.requests = []string{s.release(step)}
	} else {
		came[step.who] = s.exchange(step.who, step.requests...)
	}
	for idle := 0; idle < 2; idle++ { // what a session that is blocked no more had sent may bring about more, and be answered nothing
		if s.receive(came) {
			idle = 0
		}
	}
	for i := range s.members {
		if fault = s.compare(i, came[i]); fault != "" {
			return fmt.Sprintf("%c> %s\n%s", 'A'+step.who, strings.Join(step.requests, " ; "), fault)
		}
	}
	for i, m := range s.members {
		if m.ours.Closed() {
			m.theirs.Close()
			s.settle()
			s.join(i)
		}
	}
	return ""
}

// release has a session go on that is blocked or waits for the end of a pause, and returns how.
func (s *sessions) release(step sessionStep) string {
	s.both("CLIENT", "UNPAUSE")
	s.settle()
	if !s.members[step.who].ours.Parked() {
		return "CLIENT UNPAUSE"
	}
	word := []string{"TIMEOUT", "ERROR"}[len(step.requests[0])%2]
	request := []string{"CLIENT", "UNBLOCK", strconv.FormatUint(s.members[step.who].ours.ID(), 10), word}
	if ours, theirs := s.both(request...); ours.Int != theirs.Int {
		s.t.Errorf("%v is %v here and %v at Redis", request, ours, theirs)
	}
	s.settle()
	return strings.Join(request, " ")
}

// receive adds what has come to each session of ours, and reports whether anything has.
func (s *sessions) receive(came [][]byte) (any bool) {
	for i, m := range s.members {
		got := m.ours.Received()
		came[i] = append(came[i], got...)
		any = any || len(got) > 0
	}
	return any
}

// compare compares what came to a session.
func (s *sessions) compare(i int, mine []byte) string {
	m := s.members[i]
	wanted := renderSession(mine)
	if m.ours.Closed() {
		wanted = append(wanted, "the end")
	}
	compared += len(wanted)
	mayStay := m.ours.Closed() && len(wanted) == 1 // there a client that gets no replies is not closed behind its last one
	var theirs []byte
	for end := time.Now().Add(s.patience); ; s.settle() {
		raw, closed := readNow(m.theirs)
		theirs = append(theirs, raw...)
		got := renderSession(theirs)
		if closed {
			got = append(got, "the end")
		}
		switch {
		case slices.Equal(wanted, got):
			return ""
		case mayStay && slices.Equal(wanted, append(got, "the end")):
			return ""
		case len(got) == len(wanted)+1 && strings.HasPrefix(got[len(wanted)], "broken: unexpected EOF") && slices.Equal(got[:len(wanted)], wanted):
			return "" // CLIENT REPLY OFF within a transaction breaks EXEC's array off there, and leaves nothing of it here
		case closed && m.ours.Closed() && len(got) < len(wanted) && slices.Equal(got[:len(got)-1], wanted[:len(got)-1]):
			return "" // who is killed there does not get what was still to be written
		case len(got) < len(wanted) && time.Now().Before(end):
			continue
		}
		return fmt.Sprintf("%c gets\n  %s\nand from Redis\n  %s", 'A'+i, strings.Join(wanted, "\n  "), strings.Join(got, "\n  "))
	}
}

// readNow returns what has arrived, and whether that is all there will be.
func readNow(conn net.Conn) (raw []byte, closed bool) {
	control, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return nil, true
	}
	buffer := make([]byte, 64<<10)
	control.Read(func(fd uintptr) bool {
		for {
			n, err := syscall.Read(int(fd), buffer)
			if n <= 0 {
				closed = n == 0 || err != nil && !errors.Is(err, syscall.EAGAIN)
				return true
			}
			raw = append(raw, buffer[:n]...)
		}
	})
	return raw, closed
}

var (
	monitorHead  = regexp.MustCompile(`^\+\d+\.\d{6} \[(\d+) [^\]]*\]`)
	controlLine  = regexp.MustCompile(`id=\d+ name=control .*\n`)
	clientFields = regexp.MustCompile(`(?:\b(?:addr|laddr|fd|age|idle|qbuf|qbuf-free|argv-mem|multi-mem|rbs|rbp|tot-mem|watch|lib-name|lib-ver|events|obl|oll|omem)=\S* ?)`)
)

// messages are those of pub/sub. To a session that brings them about itself they come behind the reply since 7.2, and before it
// came in its midst: here they are taken out.
var messages = regexp.MustCompile(`[>*](?:3\r\n\$\d\r\ns?message|4\r\n\$8\r\npmessage\r\n\$\d+\r\n[^\r]*)(?:\r\n\$\d+\r\n[^\r]*){2}\r\n`)

// renderSession writes what came without what no two servers have in common, and messages behind everything else.
func renderSession(raw []byte) (lines []string) {
	var told []byte
	raw = messages.ReplaceAllFunc(raw, func(message []byte) []byte {
		told = append(told, message...)
		return nil
	})
	return append(renderValues(raw), renderValues(told)...)
}

func renderValues(raw []byte) (lines []string) {
	r := proto.NewValueReader(bytes.NewReader(raw), longestReply)
	for {
		value, err := r.Read()
		if errors.Is(err, io.EOF) {
			return settleOrder(lines)
		}
		if err != nil {
			return append(lines, "broken: "+err.Error())
		}
		plainSession(&value)
		lines = append(lines, value.String())
	}
}

func plainSession(v *proto.Value) {
	switch {
	case v.Type == '+' && monitorHead.MatchString("+"+v.Text):
		v.Text = monitorHead.ReplaceAllString("+"+v.Text, "[$1]")
	case strings.HasPrefix(strings.TrimPrefix(v.Text, "txt:"), "id="):
		v.Text = controlLine.ReplaceAllString(clientFields.ReplaceAllString(v.Text, ""), "")
		text, format := strings.CutPrefix(v.Text, "txt:")
		clients := strings.Split(strings.ReplaceAll(text, " \n", "\n"), "\n") // which the real server lets rotate
		slices.Sort(clients)
		if v.Text = strings.Join(clients, "\n"); format {
			v.Text = "txt:" + v.Text
		}
	case v.Text == "version" || strings.HasPrefix(v.Text, "7."):
		v.Text = "version"
	}
	for i := range v.Elems {
		plainSession(&v.Elems[i])
	}
	if n := len(v.Elems); n > 1 && v.Elems[n-1].Null && (v.Elems[n-2].Text == "invalidate" || v.Elems[n-2].Text == "__redis__:invalidate") {
		v.Elems[n-1].Type = '_' // there it is in the dialect of the session that redirects
	}
}

// settleOrder puts what comes in no particular order into one: a message to several patterns, and the ends of all
// subscriptions of a kind.
func settleOrder(lines []string) []string {
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && inNoOrder(lines[from]) != "" && inNoOrder(lines[to]) == inNoOrder(lines[from]) {
			to++
		}
		if to > from+1 {
			for i, line := range lines[from:to] {
				lines[from+i] = counted.ReplaceAllString(line, "")
			}
			slices.Sort(lines[from:to])
		}
		from = to
	}
	return lines
}

var unordered = regexp.MustCompile(`^[*>].*\n\s*\$"(pmessage|unsubscribe|sunsubscribe)"`)

// counted is how many subscriptions are left.
var counted = regexp.MustCompile(`\n\s*:\d+$`)

func inNoOrder(line string) string {
	if found := unordered.FindStringSubmatch(line); found != nil {
		return found[1]
	}
	return ""
}

var comparedInfo = regexp.MustCompile(`^(?:connected_clients|blocked_clients|tracking_clients|pubsub_channels|pubsub_patterns|` +
	`pubsubshard_channels|tracking_total_keys|tracking_total_items|tracking_total_prefixes|total_error_replies|errorstat_|cmdstat_)`)

// compareInfo compares what both servers tell of their sessions and of what these did.
func (s *sessions) compareInfo() string {
	ours, theirs := s.both("INFO", "everything")
	mine, real := infoLines(ours.Text), infoLines(theirs.Text)
	var faults []string
	for name, value := range real {
		if mine[name] != value {
			faults = append(faults, fmt.Sprintf("%s is %s, and at Redis %s", name, mine[name], value))
		}
	}
	for name, value := range mine {
		if _, ok := real[name]; !ok {
			faults = append(faults, fmt.Sprintf("%s is %s, and not there at Redis", name, value))
		}
	}
	slices.Sort(faults)
	return strings.Join(faults, "\n")
}

var infoTimes = regexp.MustCompile(`usec=\d+,|usec_per_call=[\d.]+,`)

func infoLines(text string) map[string]string {
	lines := map[string]string{}
	for _, line := range strings.Split(text, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if comparedInfo.MatchString(name) && !strings.HasPrefix(name, "cmdstat_slowlog") && !strings.HasPrefix(name, "cmdstat_config") &&
			name != "cmdstat_info" && !strings.HasPrefix(name, "cmdstat_client|id") {
			lines[name] = infoTimes.ReplaceAllString(value, "")
		}
		if name == "cmdstat_client|unblock" { // the error that the other client gets counts as the command's own there
			lines[name], _, _ = strings.Cut(lines[name], ",failed")
		}
	}
	return lines
}

// newSessionSteps draws steps. What a step does depends on no other. Where clients are paused nobody ends another's wait: Redis
// 7.0 dies of it.
func newSessionSteps(seed uint64, length int) (steps []sessionStep) {
	d := drawer{rand.New(rand.NewPCG(seed, 11))}
	for range length {
		step := sessionStep{who: d.IntN(sessionCount)}
		for range 1 + max(0, d.IntN(8)-5) {
			request := d.request()
			for seed%2 == 0 && strings.HasPrefix(request, "CLIENT UNBLOCK") || seed%2 == 1 && strings.HasPrefix(request, "CLIENT PAUSE") {
				request = d.request()
			}
			step.requests = append(step.requests, request)
		}
		steps = append(steps, step)
	}
	return steps
}

// drawer draws requests.
type drawer struct{ *rand.Rand }

func (d drawer) of(from ...string) string { return from[d.IntN(len(from))] }

func (d drawer) request() string {
	switch d.IntN(12) {
	case 0, 1:
		return d.of("MULTI", "MULTI", "EXEC", "EXEC", "EXEC", "DISCARD", "WATCH "+d.key(), "WATCH k1 k2 l1", "UNWATCH", "EXEC now", "MULTI x")
	case 2, 3:
		return d.pubsub()
	case 4:
		return d.tracking()
	case 5:
		return d.client()
	case 6:
		return d.connection()
	case 7:
		return d.blocking()
	case 8:
		return d.odd()
	}
	return d.data()
}

func (d drawer) key() string {
	return d.of("k1", "k2", "kk3", "l1", "l2", "z1", "h1", "s1", "x1", `"b\n\x00\xff\""`)
}
func (d drawer) who() string { return d.of("@A", "@B", "@C", "@D", "@E", "99999999", "0", "-1", "x") }

func (d drawer) pubsub() string {
	channel := d.of("c1", "c2", "__redis__:invalidate", "__keyspace@0__:k1", "__keyevent@0__:set")
	return d.of(
		"SUBSCRIBE "+channel, "SUBSCRIBE c1 c2 c1", "UNSUBSCRIBE "+channel, "UNSUBSCRIBE", "PSUBSCRIBE c*", "PSUBSCRIBE __key*@*__:*",
		"PUNSUBSCRIBE", "PUNSUBSCRIBE c* nosuch", "SSUBSCRIBE "+channel, "SUNSUBSCRIBE "+channel, "SUNSUBSCRIBE", "PUBLISH "+channel+" hello",
		"PUBLISH c1 x", "SPUBLISH c1 shard", "PUBSUB NUMSUB c1 c2", "PUBSUB NUMPAT", "PUBSUB SHARDNUMSUB c1", "PUBSUB CHANNELS c1",
		"PUBSUB SHARDCHANNELS c1", "PUBSUB CHANNELS a b", "PUBSUB NOSUCH", "SUBSCRIBE", "PUBLISH c1", "UNSUBSCRIBE c1 c2 c1", "PING", "PING hello",
	)
}

func (d drawer) tracking() string {
	options := d.of("", "", " BCAST", " BCAST PREFIX k PREFIX l", " BCAST PREFIX k1 PREFIX k", " OPTIN", " OPTOUT", " NOLOOP", " OPTIN OPTOUT", " BCAST OPTIN",
		" PREFIX a", " REDIRECT "+d.who(), " REDIRECT "+d.who()+" BCAST", " BCAST NOLOOP PREFIX k", " REDIRECT @A REDIRECT @B", " NOSUCH", " OPTIN NOLOOP", " REDIRECT")
	return d.of("CLIENT TRACKING ON"+options, "CLIENT TRACKING ON"+options, "CLIENT TRACKING off"+options, "CLIENT TRACKING maybe"+options, "CLIENT CACHING yes", "CLIENT CACHING no",
		"CLIENT CACHING x", "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "MGET k1 k2 kk3", "GET k1", "CLIENT TRACKING")
}

func (d drawer) client() string {
	kind := d.of("normal", "pubsub", "master", "replica", "slave", "nosuch")
	return d.of(
		"CLIENT LIST ID "+d.who()+" "+d.who(), "CLIENT LIST TYPE "+kind, "CLIENT INFO", "CLIENT LIST", "CLIENT LIST ID", "CLIENT LIST TYPE", "CLIENT LIST NOSUCH x",
		"CLIENT SETNAME n"+strconv.Itoa(d.IntN(3)), `CLIENT SETNAME ""`, `CLIENT SETNAME "a b"`, "CLIENT GETNAME", "CLIENT ID", "CLIENT NO-EVICT off",
		"CLIENT NO-EVICT x", "CLIENT REPLY ON", "CLIENT REPLY OFF", "CLIENT REPLY SKIP", "CLIENT REPLY x", "CLIENT UNBLOCK "+d.who(), "CLIENT UNBLOCK "+d.who()+" ERROR",
		"CLIENT UNBLOCK "+d.who()+" TIMEOUT", "CLIENT UNBLOCK "+d.who()+" x", "CLIENT KILL ID "+d.who(), "CLIENT KILL ID "+d.who()+" SKIPME no", "CLIENT KILL TYPE master",
		"CLIENT KILL ID "+d.who()+" TYPE "+kind, "CLIENT KILL USER nobody", "CLIENT KILL SKIPME x", "CLIENT KILL 1.2.3.4:5", "CLIENT KILL ID "+d.who()+" USER default",
		"CLIENT KILL ADDR 1.2.3.4:5", "CLIENT KILL LADDR 1.2.3.4:5", "CLIENT PAUSE 100000000 WRITE", "CLIENT UNPAUSE", "CLIENT UNPAUSE", "CLIENT PAUSE x", "CLIENT PAUSE -1",
		"CLIENT PAUSE 1 x", "CLIENT NOSUCH", "CLIENT", "CLIENT GETNAME x", "CLIENT KILL", "CLIENT UNBLOCK", "CLIENT UNBLOCK 1 TIMEOUT x", "CLIENT REPLY", "CLIENT PAUSE 1 WRITE x",
	)
}

func (d drawer) connection() string {
	return d.of("RESET", "RESET", "HELLO 2", "HELLO 3", "HELLO", "HELLO 4", "HELLO x", "HELLO 3 SETNAME n", "HELLO 2 SETNAME", "HELLO 3 AUTH default x", "HELLO 3 AUTH nobody x", "HELLO 3 NOSUCH",
		`HELLO 3 SETNAME "a b"`, "SELECT 0", "SELECT 1", "SELECT 99", "SELECT x", "PING", "PING hello", "PING a b", "ECHO hello", "QUIT", "AUTH x", "AUTH default x", "AUTH nobody x",
		"MONITOR", "HELLO 2 AUTH default pw SETNAME n")
}

func (d drawer) blocking() string {
	return d.of("BLPOP l1 l2 0", "BRPOP l1 0", "BLMOVE l1 l2 LEFT RIGHT 0", "BRPOPLPUSH l2 l1 0", "BLMPOP 0 2 l1 l2 LEFT COUNT 2", "BZPOPMIN z1 0", "BZMPOP 0 1 z1 MAX", "XREAD BLOCK 0 STREAMS x1 $",
		"WAIT 1 0", "WAIT 0 0", "BLPOP k1 0", "BLPOP l1 x", "BLPOP l1 -1", "WAIT x 0", "WAIT 1 -1", "BZPOPMAX z1 k1 0")
}

func (d drawer) odd() string {
	return d.of("NOSUCH", "NOSUCH a b c", "GET", "SET k1", "DEBUG PROTOCOL "+d.of("string", "integer", "double", "null", "array", "set", "map", "verbatim", "true", "false", "bignum", "attrib", "push", "nosuch"),
		"COMMAND COUNT x", "COMMAND GETKEYS MSET a 1 b 2", "COMMAND NOSUCH", "CONFIG GET slowlog-max-len", "CONFIG SET nosuch 1", "CONFIG NOSUCH", "OBJECT ENCODING z1",
		"OBJECT NOSUCH k1", "SLOWLOG GET x", "SLOWLOG NOSUCH", "MEMORY USAGE nosuch", "ACL WHOAMI", "ROLE", "LATENCY RESET", "LATENCY HISTORY x", "LATENCY LATEST", "SLOWLOG GET 0", "READONLY", "READWRITE", "ASKING",
		"DEBUG ERROR \"MY error\"", "DEBUG NOSUCH", "CLUSTER INFO", "SWAPDB 0 1", "SWAPDB 0 0", "SWAPDB 0 99", "DEBUG SLEEP 0", "PUBSUB", "XGROUP NOSUCH", "COMMAND INFO get nosuch", "LASTSAVE x", "LCS k1 k2", "LCS k1 k2 IDX", "DEBUG SET-ACTIVE-EXPIRE 1",
	)
}

func (d drawer) data() string {
	k := d.key()
	return d.of("GET "+k, "SET "+k+" v", "SET k1 "+strconv.Itoa(d.IntN(9)), "SET k1 v GET", "DEL "+k, "DEL k1 l1 kk3", "INCR k1", "INCR "+k, "LPUSH l1 a b", "RPUSH l2 c", "LPOP l1", "LPOP l1 2", "RPOPLPUSH l1 l2", "ZADD z1 1.5 a 2 b",
		"ZPOPMIN z1", "ZSCORE z1 a", "ZRANGE z1 0 -1 WITHSCORES", "HSET h1 f v", "HGETALL h1", "SADD s1 a", "SMEMBERS s1", "XADD x1 1-1 f v", "XADD x1 9-"+strconv.Itoa(d.IntN(1000))+" f v", "XRANGE x1 - +", "XLEN x1",
		"FLUSHDB", "FLUSHALL", "RENAME "+k+" "+d.key(), "COPY "+k+" "+d.key(), "MOVE "+k+" 1", "EXPIRE "+k+" 100000", "PERSIST "+k, "EXPIRE "+k+" -1", "EXISTS k1 k2", "MGET k1 k2 l1", "MSET k1 1 k2 2", "TTL nosuch", "TYPE "+k, "SCAN 0 MATCH nosuch",
		"APPEND k1 x", "SETRANGE k2 1 abc", "GETDEL "+k, "GETEX k1 PERSIST", "STRLEN k1", "TOUCH k1 k2", "SORT l1 ALPHA", "SORT l1 ALPHA STORE l2", "UNLINK "+k, "PFADD k2 a", "BITCOUNT k1", "GEOPOS z1 a", "ZRANDMEMBER nosuch", "HRANDFIELD nosuch 2 WITHVALUES", "SINTERCARD 1 s1", "INCRBYFLOAT k1 1.5", "ZINCRBY z1 1.5 a", "ZADD z1 INCR 1 a", "LPOS l1 a", "SETNX k2 v", "MSETNX k1 1 kk3 2", "GETSET k1 v", "LINSERT l1 BEFORE a z", "LREM l1 0 a", "XDEL x1 1-1", "DUMP nosuch", "OBJECT FREQ k1", "SUBSTR k1 0 1", "DBSIZE", "RANDOMKEY x",
	)
}
