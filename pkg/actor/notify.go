package actor

import (
	"strconv"
	"strings"

	"snakecache/pkg/store"
)

// Notify says of which changes of keys subscribers are told, and through which channels.
type Notify uint16

// The classes of events and the two kinds of channels, each with its letter in notify-keyspace-events, in the order in which
// Redis prints them.
const (
	NotifyGeneric  Notify = 1 << iota // g
	NotifyString                      // $
	NotifyList                        // l
	NotifySet                         // s
	NotifyHash                        // h
	NotifyZSet                        // z
	NotifyExpired                     // x
	NotifyEvicted                     // e
	NotifyStream                      // t
	NotifyModule                      // d, of which there are no events
	NotifyNew                         // n
	NotifyKeyspace                    // K, __keyspace@n__:key
	NotifyKeyevent                    // E, __keyevent@n__:event
	NotifyKeyMiss                     // m

	notifyChannels = NotifyKeyspace | NotifyKeyevent
	notifyAll      = NotifyNew - 1 // A
)

const notifyLetters = "g$lshzxetdnKEm"

// NotifyOf reads the value of notify-keyspace-events. Letters that it does not know it leaves out.
func NotifyOf(letters string) (n Notify) {
	for _, letter := range letters {
		if letter == 'A' {
			n |= notifyAll
		} else if i := strings.IndexRune(notifyLetters, letter); i >= 0 {
			n |= 1 << i
		}
	}
	return n
}

// eventsOf are the events of each class, in Redis' words.
var eventsOf = map[Notify]string{
	NotifyGeneric: "del rename_from rename_to move_from move_to copy_to restore expire persist",
	NotifyString:  "set append setrange incrby incrbyfloat setbit pfadd",
	NotifyList:    "lpush rpush lpop rpop linsert lset lrem ltrim sortstore",
	NotifySet:     "sadd srem spop sinterstore sunionstore sdiffstore",
	NotifyHash:    "hset hincrby hincrbyfloat hdel hexpire hpersist hexpired",
	NotifyZSet: "zadd zincr zrem zremrangebyscore zremrangebyrank zremrangebylex zpopmin zpopmax " +
		"zunionstore zinterstore zdiffstore zrangestore geosearchstore georadiusstore",
	NotifyStream: "xadd xdel xtrim xsetid xgroup-create xgroup-setid xgroup-destroy xgroup-createconsumer " +
		"xgroup-delconsumer",
	NotifyExpired: "expired",
	NotifyEvicted: "evicted",
	NotifyKeyMiss: "keymiss",
	NotifyNew:     "new",
}

// classOf is the same the other way round.
var classOf = classes()

func classes() map[string]Notify {
	of := map[string]Notify{}
	for class, events := range eventsOf {
		for _, event := range strings.Fields(events) {
			of[event] = class
		}
	}
	return of
}

// NotifyClass returns the class of an event, 0 if there is no such event.
func NotifyClass(event string) Notify { return classOf[event] }

// notices is what keyspace notifications are made with.
type notices struct {
	name          []byte // scratch for a channel's name
	misses, fresh bool   // the store tells of look-ups that find nothing, and of new keys
}

// listen sees to it that changes are heard of which subscribers are to be told. With nobody there to tell it, it costs
// nothing.
func (a *Actor) listen() {
	wanted := a.bounds.Notify
	if wanted&notifyChannels == 0 || len(a.hub.audiences[Channels].all)+len(a.hub.audiences[Patterns].all) == 0 {
		wanted = 0
	}
	a.heard &^= hearNotices
	if wanted&^notifyChannels != 0 {
		a.heard |= hearNotices
	}
	a.hearStore(&a.notices.misses, wanted&NotifyKeyMiss != 0, "keymiss", a.store.OnMiss)
	a.hearStore(&a.notices.fresh, wanted&NotifyNew != 0, "new", a.store.OnNew)
}

// hearStore has the store tell of an event, or no more.
func (a *Actor) hearStore(heard *bool, wanted bool, event string, on func(func(*store.Keyspace, []byte))) {
	if *heard == wanted {
		return
	}
	*heard = wanted
	if !wanted {
		on(nil)
		return
	}
	on(func(ks *store.Keyspace, key []byte) { a.notify(ks, key, event) })
}

// notify tells subscribers what happened to a key. An event that is in no class counts as a generic one.
func (a *Actor) notify(ks *store.Keyspace, key []byte, event string) {
	class := classOf[event]
	if class == 0 {
		class = NotifyGeneric
	}
	if event == "" || a.bounds.Notify&class == 0 {
		return
	}
	if a.bounds.Notify&NotifyKeyspace != 0 {
		a.tell(a.noticeChannel("__keyspace@", ks, string(key)), []byte(event))
	}
	if a.bounds.Notify&NotifyKeyevent != 0 {
		a.tell(a.noticeChannel("__keyevent@", ks, event), key)
	}
}

// noticeChannel returns a channel's name, which is good until the next call.
func (a *Actor) noticeChannel(head string, ks *store.Keyspace, tail string) []byte {
	name := strconv.AppendInt(append(a.notices.name[:0], head...), int64(ks.Index()), 10)
	a.notices.name = append(append(name, "__:"...), tail...)
	return a.notices.name
}
