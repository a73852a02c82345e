package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func getCommand(c *actor.Call) error {
	_, err := replyValue(c, c.Args[1])
	return err
}

func getdelCommand(c *actor.Call) error {
	key := c.Args[1]
	found, err := replyValue(c, key)
	if found {
		c.Keys().Delete(key)
		c.Changed(key, "del")
	}
	return err
}

// getexCommand looks at the value of a deadline only if the key exists, as Redis does.
func getexCommand(c *actor.Call) error {
	expiry, persist, err := readGetexOptions(c.Args.Options(2))
	if err != nil {
		return err
	}
	key := c.Args[1]
	found, err := replyValue(c, key)
	if err != nil || !found {
		return err
	}
	at, err := expiry.deadline(c)
	if err != nil {
		return err
	}
	switch {
	case persist:
		if c.Keys().Persist(key) {
			c.Changed(key, "persist")
		}
	case expiry.given() && at <= c.Now():
		c.Keys().Delete(key)
		c.Changed(key, "del")
	case expiry.given():
		expiry.apply(c, key, at)
		c.Changed(key, "expire")
	}
	return nil
}

func readGetexOptions(o proto.Options) (expiry expiryOption, persist bool, err error) {
	for o.More() {
		switch {
		case !expiry.given() && o.Word("persist"):
			persist = true
		case !persist && expiry.take(&o):
		default:
			return expiry, persist, proto.ErrSyntax
		}
	}
	return expiry, persist, nil
}

// mgetCommand answers null for a key of another type.
func mgetCommand(c *actor.Call) error {
	keys := c.Args[1:]
	c.Reply.Array(len(keys))
	for _, key := range keys {
		s, _ := store.Find[*store.String](c.Keys(), key)
		replyString(c.Reply, s)
	}
	return nil
}

func strlenCommand(c *actor.Call) error {
	s, err := store.Find[*store.String](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	c.Reply.Count(lengthOf(s))
	return nil
}

// getrangeCommand is SUBSTR too, its name before 2.0.
func getrangeCommand(c *actor.Call) error {
	start, err := integer(c.Args[2])
	if err != nil {
		return err
	}
	end, err := integer(c.Args[3])
	if err != nil {
		return err
	}
	s, err := store.Find[*store.String](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.Reply.Bulk(nil)
		return nil
	}
	from, to := clampRange(start, end, int64(s.Len()))
	c.Reply.BulkRef(s.Slice(int(from), int(to)))
	return nil
}

// clampRange turns GETRANGE's inclusive bounds, where negative ones count from the end, into those of a slice of
// something that is length long. An end before the beginning counts as the first byte, unless both bounds are negative
// and the wrong way round.
func clampRange(start, end, length int64) (from, to int64) {
	if start < 0 && end < 0 && start > end {
		return 0, 0
	}
	if start < 0 {
		start = max(start+length, 0)
	}
	if end < 0 {
		end = max(end+length, 0)
	}
	end = min(end, length-1)
	if start > end {
		return 0, 0
	}
	return start, end + 1
}
