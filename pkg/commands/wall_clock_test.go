package commands_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// However the wall clock is set, a time to live lasts as long as was asked for.
func TestTimesToLiveIgnoreTheWallClock(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 3 * time.Millisecond, 100 * 365 * 24 * time.Hour} {
		e := startEngine(t)
		c := e.Connect(proto.RESP2)
		const keys = 2000
		for i := range keys {
			c.Do("SET", fmt.Sprint("key:", i), "v", "PX", fmt.Sprint(i+1))
		}
		for i := 0; i < keys; i += 100 {
			if i == 500 {
				e.Clock.Jump(jump)
			}
			if left := c.Do("DBSIZE").Int; left != int64(keys-i) {
				t.Fatalf("jump of %v: %d keys are left %d ms later, not %d", jump, left, i, keys-i)
			}
			if ttl := c.Do("PTTL", fmt.Sprint("key:", keys-1)).Int; ttl != int64(keys-i) {
				t.Fatalf("jump of %v: the last key has %d ms %d ms later", jump, ttl, i)
			}
			e.Advance(100 * time.Millisecond)
		}
		if figures := e.Figures(); figures.Expired != keys || figures.ExpiryLag.Sum != 0 {
			t.Errorf("jump of %v: %d keys expired, %d ns late in all", jump, figures.Expired, figures.ExpiryLag.Sum)
		}
	}
}

// A date is one of the wall clock's, which the owner looks at while nobody sends anything.
func TestDatesFollowTheWallClock(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	at := actortest.Epoch.Add(30 * time.Minute).Unix()
	for i := range 1000 {
		key := fmt.Sprint("key:", i)
		c.Do("SET", key, "v", "EXAT", fmt.Sprint(at))
	}
	c.Do("SET", "relative", "v", "EX", "1800")
	e.Clock.Jump(-time.Hour)
	e.Advance(time.Second)
	if ttl := c.Do("TTL", "key:1").Int; ttl != 90*60-1 {
		t.Errorf("%d s are left when the clock has been set back an hour", ttl)
	}
	if got := c.Do("EXPIRETIME", "key:1").Int; got != at {
		t.Errorf("the date is %d, not %d", got, at)
	}
	e.Clock.Jump(90*time.Minute - 2*time.Second)
	e.Advance(time.Second)
	if keys := c.Do("DBSIZE").Int; keys != 1 {
		t.Errorf("%d keys are left a second after their date", keys)
	}
	if ttl := c.Do("TTL", "relative").Int; ttl != 1800-2 {
		t.Errorf("the one with a time to live has %d s", ttl)
	}
}

// What lasts is measured by a clock that nobody sets.
func TestAgesIgnoreTheWallClock(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	c.Do("SET", "key", "v")
	e.Advance(10 * time.Second)
	e.Clock.Jump(time.Hour)
	e.Advance(10 * time.Second)
	if idle := c.Do("OBJECT", "IDLETIME", "key").Int; idle != 20 {
		t.Errorf("the key has been idle for %d s", idle)
	}
	if list := c.Do("CLIENT", "LIST").Text; !strings.Contains(list, " age=20 ") {
		t.Errorf("20 seconds later: %s", list)
	}
	if info := c.Do("INFO", "server").Text; !strings.Contains(info, "\nuptime_in_seconds:20\r") {
		t.Errorf("20 seconds later: %s", info)
	}
}

// Fields of hashes go as keys do: each in its millisecond though nobody looks, times to live by the monotonic clock and
// dates by the wall clock.
func TestFieldsExpireLikeKeys(t *testing.T) {
	const fields = 100
	for _, jump := range []time.Duration{0, time.Hour, -time.Hour} {
		e := startEngine(t)
		c := e.Connect(proto.RESP2)
		date := actortest.Epoch.Add(2 * time.Hour).UnixMilli()
		for i := range fields {
			key, field := fmt.Sprint("key:", i%7), fmt.Sprint("field:", i)
			c.Do("HSET", key, field, "v", field+":dated", "v")
			c.Do("HPEXPIRE", key, fmt.Sprint(100*(i+1)), "FIELDS", "1", field)
			c.Do("HPEXPIREAT", key, fmt.Sprint(date), "FIELDS", "1", field+":dated")
		}
		e.Clock.Jump(jump)
		e.Advance(50 * 100 * time.Millisecond)
		figures := e.Figures()
		if figures.ExpiredFields != 50 || figures.Expired != 0 || figures.ExpiryLag.Sum != 0 {
			t.Errorf("jump of %v: after 5 s %d fields have expired, %d ns late in all", jump, figures.ExpiredFields, figures.ExpiryLag.Sum)
		}
		left := 2*time.Hour - jump - 5*time.Second
		if got := c.Do("HPTTL", "key:0", "FIELDS", "1", "field:0:dated").Elems[0].Int; got != left.Milliseconds() {
			t.Errorf("jump of %v: a field with a date has %d ms left, want %d", jump, got, left.Milliseconds())
		}
		e.Clock.Jump(left - 2*time.Second)
		e.Advance(5 * time.Second)
		if keys := c.Do("DBSIZE").Int; keys != 0 {
			t.Errorf("jump of %v: %d hashes are left whose fields have all expired", jump, keys)
		}
	}
}
