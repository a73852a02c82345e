package actortest

import (
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
	"weak"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func TestFakeClockFiresInOrder(t *testing.T) {
	c := NewFakeClock(Epoch)
	var fired []string
	note := func(name string) func() {
		return func() { fired = append(fired, name+"@"+strconv.FormatInt(c.Nanos(), 10)) }
	}
	c.AfterFunc(30, note("late"))
	early := c.AfterFunc(10, note("early"))
	c.AfterFunc(10, note("early too"))
	stopped := c.AfterFunc(20, note("stopped"))
	if !stopped.Stop() || stopped.Stop() {
		t.Error("Stop must tell whether the timer was armed")
	}
	c.AfterFunc(15, func() { c.AfterFunc(5, note("from a timer")) })
	c.Advance(9)
	if fired != nil {
		t.Errorf("fired ahead of time: %q", fired)
	}
	c.Sleep(11)
	if want := []string{"early@10", "early too@10", "from a timer@20"}; !slices.Equal(fired, want) {
		t.Errorf("fired %q, want %q", fired, want)
	}
	if early.Reset(100) {
		t.Error("Reset must tell that the timer was not armed")
	}
	c.Advance(100)
	if want := []string{"late@30", "early@120"}; !slices.Equal(fired[3:], want) {
		t.Errorf("fired %q, want %q", fired[3:], want)
	}
	if got := c.Now().Sub(Epoch); got != 120 {
		t.Errorf("the wall clock moved by %v", got)
	}
}

// table has "put key milliseconds" and "leave".
func table(t *testing.T) *actor.Table {
	row := func(name string, arity int, run actor.Handler) actor.Command {
		return actor.Command{Name: name, Arity: arity, Run: run, Group: "test", Since: "1.0.0", Summary: "For a test."}
	}
	put := row("put", 3, func(c *actor.Call) error {
		ms, _ := proto.ParseInt(c.Args[2])
		c.Keys().SetString(c.Args[1], nil, false)
		c.Keys().ExpireAt(c.Args[1], c.Now()+ms)
		c.Changed(c.Args[1], "put")
		c.Reply.OK()
		return nil
	})
	put.Keys = actor.Key(1, actor.OW|actor.Update) // or nothing is prefetched
	table, err := actor.NewTable([]actor.Command{
		put,
		row("leave", 1, func(c *actor.Call) error {
			c.Kill(c.Session)
			c.Reply.OK()
			return nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// More keys than one turn expires, at two moments: both are over when Advance returns, each at its own time.
func TestAdvanceExpiresAllThatIsDue(t *testing.T) {
	e := Start(t, Options{Table: table(t)})
	c := e.Connect(proto.RESP2)
	const keys = 1000
	for i := range keys {
		c.Do("put", strconv.Itoa(i), strconv.Itoa(100+i%2*100))
	}
	empty, _ := Start(t, Options{Table: e.Table()}).State()
	for _, want := range []uint64{keys / 2, keys} {
		e.Advance(100 * time.Millisecond)
		if sum, figures := e.State(); figures.Expired != want || (sum == empty) != (want == keys) {
			t.Errorf("%d keys have expired, want %d", figures.Expired, want)
		}
	}
	e.Advance(time.Second)
	if _, figures := e.State(); figures.ExpiryLag.Sum != 0 {
		t.Errorf("keys expired %d ns late", figures.ExpiryLag.Sum)
	}
}

func TestClient(t *testing.T) {
	e := Start(t, Options{Table: table(t)})
	c := e.Connect(proto.RESP3)
	put := proto.Args{[]byte("PUT"), []byte("k"), []byte("1000")}
	if got := string(c.Send(put, proto.Args{[]byte("nosuch")}, put)); got !=
		"+OK\r\n-ERR unknown command 'nosuch', with args beginning with: \r\n+OK\r\n" {
		t.Errorf("a pipeline answers %q", got)
	}
	if c.Closed() || !c.Do("nosuch").IsError() || c.Do("leave").Text != "OK" || !c.Closed() || c.Send(put) != nil {
		t.Error("a client is closed when the server says so, and not before")
	}
	if _, err := ReadOne([]byte("+a\r\n+b\r\n")); err == nil {
		t.Error("two values are not one")
	}
	e.Inspect(func(st *store.Store) {
		if st.DB(0).Peek([]byte("k")) == nil {
			t.Error("the key is missing")
		}
	})
}

// Arguments alias a connection's buffer, which may hold a gigabyte: the owner must not keep it from being collected.
func TestOwnerLetsGoOfArguments(t *testing.T) {
	e := Start(t, Options{Table: table(t)})
	e.Connect(proto.RESP2).Do("put", "k", "1000")
	buffer := new([1 << 20]byte)
	kept := weak.Make(buffer)
	var pipeline []proto.Args
	for range 2 * store.PrefetchDepth {
		pipeline = append(pipeline, proto.Args{[]byte("put"), buffer[:5:5], []byte("1000")})
	}
	c := e.Connect(proto.RESP2)
	c.Send(pipeline...)
	c.Close()
	buffer, pipeline, c = nil, nil, nil
	e.Inspect(func(*store.Store) {}) // behind it the client is detached
	runtime.GC()
	if kept.Value() != nil {
		t.Error("the owner keeps the buffer of a client that is gone")
	}
}
