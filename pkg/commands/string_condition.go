package commands

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/zeebo/xxh3"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// valueCondition is what SET and DELEX may ask of the value there is; the zero value is nothing.
type valueCondition struct {
	kind    *conditionKind
	operand []byte
}

// conditionKind compares with a value, or with what DIGEST answers for one.
type conditionKind struct {
	word           string
	digest, differ bool
}

var conditionKinds = [...]conditionKind{
	{word: "ifeq"}, {word: "ifne", differ: true}, {word: "ifdeq", digest: true}, {word: "ifdne", digest: true, differ: true},
}

func (x *valueCondition) given() bool { return x.kind != nil }

// take consumes a condition. The same one may come again, and its last value counts; another one is not taken.
func (x *valueCondition) take(o *proto.Options) bool {
	for i := range conditionKinds {
		kind := &conditionKinds[i]
		if x.given() && x.kind != kind {
			continue
		}
		if operand, ok := o.WordWith(kind.word); ok {
			x.kind, x.operand = kind, operand
			return true
		}
	}
	return false
}

// holds reports whether the value there is fulfils the condition. No value differs from any. Only a digest that is to
// be compared need be one.
func (x *valueCondition) holds(s *store.String) (bool, error) {
	switch {
	case s == nil:
		return x.kind.differ, nil
	case !x.kind.digest:
		return s.Equal(x.operand) != x.kind.differ, nil
	}
	wanted, err := readDigest(x.operand)
	return (digestOf(s) == wanted) != x.kind.differ, err
}

// digestOf is the XXH3 of 64 bits.
func digestOf(s *store.String) uint64 { return xxh3.Hash(s.Peek()) }

const digestSize = 8

// readDigest reads a digest as DIGEST writes it, in capitals or not.
func readDigest(text []byte) (uint64, error) {
	var digest [digestSize]byte
	if len(text) != hex.EncodedLen(digestSize) {
		return 0, proto.ErrDigest
	}
	if _, err := hex.Decode(digest[:], text); err != nil {
		return 0, proto.ErrDigest
	}
	return binary.BigEndian.Uint64(digest[:]), nil
}

func digestCommand(c *actor.Call) error {
	s, err := store.Find[*store.String](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.Reply.Null()
		return nil
	}
	var digest [digestSize]byte
	var text [2 * digestSize]byte
	binary.BigEndian.PutUint64(digest[:], digestOf(s))
	hex.Encode(text[:], digest[:])
	c.Reply.Bulk(text[:])
	return nil
}

// delexCommand without a condition deletes a key of any type. With one it looks at the words only if there is a key.
func delexCommand(c *actor.Call) error {
	if len(c.Args) != 2 && len(c.Args) != 4 {
		return wrongArity(c)
	}
	key := c.Args[1]
	e := c.Keys().Take(key)
	holds, err := e != nil, error(nil)
	if holds && len(c.Args) == 4 {
		holds, err = delexCondition(c, e)
	}
	if err != nil {
		return err
	}
	if holds {
		c.Keys().Delete(key)
		c.Changed(key, "del")
	}
	c.Reply.Flag(holds)
	return nil
}

func delexCondition(c *actor.Call, e *store.Entry) (bool, error) {
	s, ok := e.Value().(*store.String)
	if !ok {
		return false, proto.ErrDelexType
	}
	var condition valueCondition
	if o := c.Args.Options(2); !condition.take(&o) {
		return false, proto.ErrDelexCondition
	}
	return condition.holds(s)
}

// delexKeys tells of DELEX's key that its value is of no interest without a condition.
func delexKeys() []actor.KeySpec {
	keys := actor.Key(1, actor.RW|actor.Delete|actor.VariableFlags)
	keys[0].UseIn = func(args proto.Args) actor.KeyUse {
		if len(args) > 2 {
			return actor.RW | actor.Access | actor.Delete
		}
		return actor.RM | actor.Delete
	}
	return keys
}
