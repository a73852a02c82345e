package actor

import (
	"cmp"
	"maps"
	"slices"

	"snakecache/pkg/glob"
	"snakecache/pkg/proto"
)

// Audience is a kind of what a client can subscribe to.
type Audience uint8

// The kinds: channels by their names, channels whose names match a pattern, and shard channels, which are apart from both.
const (
	Channels Audience = iota
	Patterns
	Shards
	audiences
)

// hub knows who has subscribed to what.
type hub struct {
	audiences   [audiences]directory
	subscribers int    // sessions that have any subscription
	sequence    uint64 // counts subscriptions
}

// directory holds the channels, or patterns, of a kind that have subscribers.
type directory struct {
	byName map[string]*audience
	all    []*audience
}

// audience is who gets what is published to a channel, or to channels that match a pattern.
type audience struct {
	name    string
	pattern []byte // the same, only of a pattern
	members []*subscription
	place   int // in directory.all
}

// subscription is one session's part in one audience.
type subscription struct {
	audience *audience
	session  *Session
	place    int    // in audience.members
	number   uint64 // a session's later ones have greater ones
}

func (h *hub) init() {
	for kind := range h.audiences {
		h.audiences[kind].byName = map[string]*audience{}
	}
}

// add makes a session part of an audience. O(1).
func (d *directory) add(s *Session, name string, number uint64) *subscription {
	to := d.byName[name]
	if to == nil {
		to = &audience{name: name, place: len(d.all)}
		d.byName[name] = to
		d.all = append(d.all, to)
	}
	sub := &subscription{audience: to, session: s, place: len(to.members), number: number}
	to.members = append(to.members, sub)
	return sub
}

// remove takes a subscription out. The last one of the audience takes its place, so that it is O(1): in which order
// subscribers get a message is nobody's business.
func (d *directory) remove(sub *subscription) {
	from := sub.audience
	last := len(from.members) - 1
	from.members[sub.place] = from.members[last]
	from.members[sub.place].place = sub.place
	from.members[last] = nil
	from.members = from.members[:last]
	if last > 0 {
		return
	}
	delete(d.byName, from.name)
	last = len(d.all) - 1
	d.all[from.place] = d.all[last]
	d.all[from.place].place = from.place
	d.all[last] = nil
	d.all = d.all[:last]
}

// Subscribe makes the session part of an audience, if it is not already. The name is copied. O(1).
func (c *Call) Subscribe(kind Audience, name []byte) {
	a, s := c.actor, c.Session
	if s.subscriptions[kind][string(name)] != nil {
		return
	}
	if s.subscriptions[kind] == nil {
		s.subscriptions[kind] = map[string]*subscription{}
	}
	a.hub.sequence++
	sub := a.hub.audiences[kind].add(s, string(name), a.hub.sequence)
	s.subscriptions[kind][sub.audience.name] = sub
	s.listenBytes += subscriptionSize + int64(len(name))
	if to := sub.audience; kind == Patterns && to.pattern == nil {
		to.pattern = []byte(to.name)
	}
	if s.subscribed++; s.subscribed == 1 {
		a.hub.subscribers++
		s.expectPushes()
		s.restrict()
		a.strict = true
	}
	a.listen()
}

// Unsubscribe ends that, if it is so. O(1).
func (c *Call) Unsubscribe(kind Audience, name []byte) {
	if sub := c.Session.subscriptions[kind][string(name)]; sub != nil {
		c.actor.unsubscribe(c.Session, kind, sub)
	}
}

func (a *Actor) unsubscribe(s *Session, kind Audience, sub *subscription) {
	delete(s.subscriptions[kind], sub.audience.name)
	a.hub.audiences[kind].remove(sub)
	s.listenBytes -= subscriptionSize + int64(len(sub.audience.name))
	if s.subscribed--; s.subscribed == 0 {
		a.hub.subscribers--
		s.missPushes()
		s.restrict()
	}
	a.listen()
}

// UnsubscribeAll ends all subscriptions of the session.
func (c *Call) UnsubscribeAll() { c.actor.unsubscribeAll(c.Session) }

func (a *Actor) unsubscribeAll(s *Session) {
	for kind, subs := range s.subscriptions {
		for _, sub := range subs {
			a.unsubscribe(s, Audience(kind), sub)
		}
		s.subscriptions[kind] = nil
	}
}

// Subscribed returns how many subscriptions of a kind the session has.
func (s *Session) Subscribed(kind Audience) int { return len(s.subscriptions[kind]) }

// IsSubscriber reports whether it has any.
func (s *Session) IsSubscriber() bool { return s.subscribed > 0 }

// restrict sees to it that a client that speaks RESP2 sends but a few commands while it is subscribed: it could not tell
// their replies from messages.
func (s *Session) restrict() { s.restricted = s.subscribed > 0 && s.Protocol == proto.RESP2 }

// Subscriptions returns to what of a kind the session has subscribed, in the order in which it did.
func (c *Call) Subscriptions(kind Audience) (names []string) {
	mine := slices.SortedFunc(maps.Values(c.Session.subscriptions[kind]), func(x, y *subscription) int {
		return cmp.Compare(x.number, y.number)
	})
	for _, sub := range mine {
		names = append(names, sub.audience.name)
	}
	return names
}

// EachAudience calls visit with the names of a kind that have subscribers.
func (c *Call) EachAudience(kind Audience, visit func(name string)) {
	for _, to := range c.actor.hub.audiences[kind].all {
		visit(to.name)
	}
}

// Audiences returns how many names of a kind have subscribers.
func (c *Call) Audiences(kind Audience) int { return len(c.actor.hub.audiences[kind].all) }

// AudienceOf returns how many subscribers a name has.
func (c *Call) AudienceOf(kind Audience, name []byte) int {
	return c.actor.hub.audiences[kind].size(name)
}

func (d *directory) size(name []byte) int {
	if to := d.byName[string(name)]; to != nil {
		return len(to.members)
	}
	return 0
}

// Publish sends a message to all who have subscribed to the channel or to a pattern that it matches, and returns how many
// times that was. O(receivers + patterns).
func (c *Call) Publish(channel, payload []byte) (receivers int) {
	return c.actor.tell(channel, payload)
}

// PublishToShard sends a message to all who have subscribed to the shard channel and returns how many these are.
func (c *Call) PublishToShard(channel, payload []byte) (receivers int) {
	a := c.actor
	return a.send(a.hub.audiences[Shards].byName[string(channel)], toShard, channel, payload)
}

// The first words of messages.
var (
	toChannel = []byte("message")
	toPattern = []byte("pmessage")
	toShard   = []byte("smessage")
)

func (a *Actor) tell(channel, payload []byte) (receivers int) {
	receivers = a.send(a.hub.audiences[Channels].byName[string(channel)], toChannel, channel, payload)
	for _, to := range a.hub.audiences[Patterns].all {
		if glob.Match(to.pattern, channel, false) {
			receivers += a.send(to, toPattern, to.pattern, channel, payload)
		}
	}
	return receivers
}

// send pushes a message to an audience, which may be nil. It is encoded once for each dialect that any of them speaks.
func (a *Actor) send(to *audience, parts ...[]byte) (receivers int) {
	if to == nil {
		return 0
	}
	var encoded [proto.RESP3 + 1][]byte
	for _, sub := range to.members {
		if sub.session.closing {
			continue
		}
		dialect := sub.session.Protocol
		if encoded[dialect] == nil {
			encoded[dialect] = proto.EncodePush(dialect, parts...)
		}
		a.push(sub.session, encoded[dialect])
	}
	return len(to.members)
}
