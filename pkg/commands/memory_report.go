package commands

import (
	"fmt"
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// memoryFigures is what MEMORY and INFO say of memory, in bytes.
type memoryFigures struct {
	used, overhead, peak int64 // what maxmemory bounds; how much of it is no key's own; the most there ever was
	clients              int64 // of all clients, which used is without
	allocated            int64 // of objects, and of the dataset's slabs
	active               int64 // of pages that have any
	resident             int64 // had from the system and not given back
	rss                  int64 // of the process, by the system
}

func measureMemory(c *actor.Call, f *actor.Figures, facts *actor.Facts) memoryFigures {
	m := memoryFigures{
		used: f.UsedMemory, overhead: f.Overhead, peak: f.PeakMemory,
		allocated: facts.HeapObjects + f.OffHeap, active: facts.HeapActive + f.OffHeap, resident: facts.HeapMapped + f.OffHeap,
		rss: facts.RSS, clients: c.ClientMemory(),
	}
	return m
}

// dataset is the bytes of keys and values.
func (m *memoryFigures) dataset() int64 { return m.used - m.overhead }

// memoryStatsCommand has Redis' names, without those of hash tables that are tables of another kind here: what they cost is
// in overhead.total.
func memoryStatsCommand(c *actor.Call) error {
	f, facts := c.Figures(), c.Facts()
	m := measureMemory(c, f, &facts)
	keys := 0
	for _, db := range f.Databases {
		keys += db.Keys
	}
	_, scripts := c.Scripts().Memory()
	w := statsWriter{reply: c.Reply}
	w.pairsAt = c.Reply.DeferMap()
	w.int("peak.allocated", m.peak)
	w.int("total.allocated", m.used)
	w.int("startup.allocated", 0)
	w.int("replication.backlog", 0)
	w.int("clients.slaves", 0)
	w.int("clients.normal", m.clients)
	w.int("cluster.links", 0)
	w.int("aof.buffer", 0)
	w.int("lua.caches", scripts)
	w.int("functions.caches", c.Scripts().FunctionFigures().Texts)
	w.int("overhead.total", m.overhead)
	w.int("keys.count", int64(keys))
	w.int("keys.bytes-per-key", int64(ratio(m.used, int64(keys))))
	w.int("dataset.bytes", m.dataset())
	w.double("dataset.percentage", 100*ratio(m.dataset(), m.used))
	w.double("peak.percentage", 100*ratio(m.used, m.peak))
	w.int("allocator.allocated", m.allocated)
	w.int("allocator.active", m.active)
	w.int("allocator.resident", m.resident)
	w.int("allocator.muzzy", 0)
	w.double("allocator-fragmentation.ratio", ratio(m.active, m.allocated))
	w.int("allocator-fragmentation.bytes", m.active-m.allocated)
	w.double("allocator-rss.ratio", ratio(m.resident, m.active))
	w.int("allocator-rss.bytes", m.resident-m.active)
	w.double("rss-overhead.ratio", ratio(m.rss, m.resident))
	w.int("rss-overhead.bytes", m.rss-m.resident)
	w.double("fragmentation", ratio(m.rss, m.used))
	w.int("fragmentation.bytes", m.rss-m.used)
	c.Reply.EndMap(w.pairsAt, w.pairs)
	return nil
}

// statsWriter writes pairs of a map and counts them.
type statsWriter struct {
	reply   *proto.Reply
	pairsAt proto.Deferred
	pairs   int
}

func (w *statsWriter) int(name string, n int64) {
	w.pairs++
	w.reply.BulkString(name)
	w.reply.Int(n)
}

func (w *statsWriter) double(name string, f float64) {
	w.pairs++
	w.reply.BulkString(name)
	w.reply.Double(f)
}

// Below so many bytes a process's own needs say more than those of the data; above these ratios something is wrong.
const (
	doctorLeast    = 5 << 20
	peakRatio      = 1.5
	rssRatio       = 1.4
	allocatorRatio = 1.1
	clientBytes    = 200 << 10 // for each client
)

// Two of the doctor's answers are Redis'.
const (
	doctorEmpty = "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. " +
		"Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as " +
		"soon as I finished rebooting.\n"
	doctorNothing = "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"
)

func memoryDoctorCommand(c *actor.Call) error {
	f, facts := c.Figures(), c.Facts()
	m := measureMemory(c, f, &facts)
	c.Reply.Verbatim("txt", diagnose(&m, f.Clients))
	return nil
}

func diagnose(m *memoryFigures, clients int) string {
	if m.used < doctorLeast {
		return doctorEmpty
	}
	var found strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&found, " * "+format+"\n\n", args...) }
	if now := ratio(m.peak, m.used); now > peakRatio {
		say("Peak memory: the dataset once had %s, %.2f times what it has now. Pages that are not full again may stay with the "+
			"process; they are used for what comes next.", humanBytes(m.peak), now)
	}
	if now := ratio(m.rss, m.used); now > rssRatio && m.rss-m.used > doctorLeast {
		say("Resident memory: the process has %s, %.2f times what the dataset has. The rest is buffers of clients, garbage "+
			"that waits for its collection, and pages that are not full. MEMORY PURGE gives back what can be.", humanBytes(m.rss), now)
	}
	if now := ratio(m.active, m.allocated); now > allocatorRatio && m.active-m.allocated > doctorLeast {
		say("Fragmentation: pages with objects have %s, %.2f times what the objects in them have.", humanBytes(m.active), now)
	}
	if clients > 0 && m.clients/int64(clients) > clientBytes {
		say("Clients: they take %s, more than %s for each. Some send very long requests or pipelines, or do not read what they "+
			"are sent. maxmemory-clients bounds it.",
			humanBytes(m.clients), humanBytes(clientBytes))
	}
	if found.Len() == 0 {
		return doctorNothing
	}
	return "Sam, I detected a few issues in this instance:\n\n" + found.String()
}

// memoryMallocStatsCommand tells of both kinds of memory that this server has: slabs of its own outside the Go heap, and
// that heap.
func memoryMallocStatsCommand(c *actor.Call) error {
	f, facts := c.Figures(), c.Facts()
	m := measureMemory(c, f, &facts)
	var text strings.Builder
	line := func(name string, n int64) { fmt.Fprintf(&text, "%-28s %16d  %s\n", name, n, humanBytes(n)) }
	line("slabs outside the Go heap", f.OffHeap)
	line("Go heap, objects", facts.HeapObjects)
	line("Go heap, pages with objects", facts.HeapActive)
	line("Go heap, from the system", facts.HeapMapped)
	line("resident", m.rss)
	c.Reply.Verbatim("txt", text.String())
	return nil
}
