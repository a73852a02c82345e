package commands_test

import (
	"errors"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// witness is what can be told about the data at one moment.
type witness struct {
	sum     store.Digest
	figures *actor.Figures
}

func observe(e *actortest.Engine) witness {
	sum, figures := e.State()
	return witness{sum, figures}
}

// idempotent are the commands that, as in Redis, count as a change even where they write what was there before: SET
// of the same value, EXPIRE to the same time, INCRBY 0, HSET of the same value, RENAME to itself, a list of one element
// turned round, a bit of a field set and cleared again, a set that is stored where it came from, two empty databases that
// change places, ZADD of one score and then of the old one.
var idempotent = map[string]bool{
	"set": true, "setex": true, "psetex": true, "getset": true, "getex": true, "mset": true, "append": true,
	"setrange": true, "incrby": true, "decrby": true, "incrbyfloat": true,
	"expire": true, "pexpire": true, "expireat": true, "pexpireat": true, "rename": true,
	"hset": true, "hmset": true, "hincrby": true, "hincrbyfloat": true,
	"zadd": true, "geoadd": true, "zunionstore": true, "zinterstore": true, "zdiffstore": true, "zrangestore": true,
	"georadius": true, "georadiusbymember": true, "geosearchstore": true,
	"hexpire": true, "hpexpire": true, "hexpireat": true, "hpexpireat": true, "hgetex": true, "hsetex": true,
	"lset": true, "ltrim": true, "lmove": true, "rpoplpush": true, "blmove": true, "brpoplpush": true,
	"xsetid": true, "xgroup|setid": true, "xclaim": true, "xautoclaim": true,
	"bitop": true, "bitfield": true, "pfmerge": true, "msetex": true, "increx": true,
	"sinterstore": true, "sunionstore": true, "sdiffstore": true, "sort": true, "copy": true, "swapdb": true, "restore": true, "restore-asking": true,
	"exec": true, "eval": true, "evalsha": true, "fcall": true, // what they run may be any of these
}

// readers are the commands that change data though their rows say that they read, and what they change.
var readers = map[string]string{
	"pfcount": "it keeps the estimate in the value, as Redis does",
	"exec":    "it runs others",
	"eval":    "it runs others",
	"evalsha": "it runs others",
	"fcall":   "it runs others",
}

// halfDone are the commands that may fail when they have changed data: what a script did before its error stays done.
var halfDone = map[string]bool{"eval": true, "evalsha": true, "fcall": true}

// checkEffects says where a command, its reply and what became of the data contradict each other. Every replayed
// request and every fuzzed one goes through it.
func checkEffects(cmd *actor.Command, reply proto.Value, before, after witness) error {
	was, is := before.figures, after.figures
	told := is.Changes != was.Changes
	gone := is.Expired != was.Expired || is.ExpiredFields != was.ExpiredFields || is.Evicted != was.Evicted
	moved := after.sum != before.sum && !gone
	served := is.Blocked < was.Blocked // and may have undone it
	switch {
	case is.Panics != was.Panics:
		return errors.New("the handler panicked")
	case reply.IsError() && (moved || told) && (cmd == nil || !halfDone[cmd.FullName()]):
		return errors.New("the reply is an error, but data was changed")
	case cmd == nil:
		return nil
	case (moved || told) && !cmd.Is(actor.Write) && readers[cmd.FullName()] == "":
		return errors.New("the row does not say Write, but data was changed")
	case moved && !told:
		return errors.New("data was changed, but Changed was not called")
	case told && !moved && !gone && !idempotent[cmd.FullName()] && !served:
		return errors.New("Changed was called, but data is as before; if that is right, see idempotent")
	}
	return nil
}
