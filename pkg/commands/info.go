package commands

import (
	"fmt"
	"slices"
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// infoSection is one heading of INFO and what stands below it.
type infoSection struct {
	name     string
	optional bool // not among those that INFO shows unasked
	write    func(*infoReport)
}

// infoSections are in the order in which INFO prints them.
var infoSections = []infoSection{
	{name: "Server", write: (*infoReport).server},
	{name: "Clients", write: (*infoReport).clients},
	{name: "Memory", write: (*infoReport).memory},
	{name: "Persistence", write: (*infoReport).persistence},
	{name: "Stats", write: (*infoReport).stats},
	{name: "Replication", write: (*infoReport).replication},
	{name: "CPU", write: (*infoReport).cpu},
	{name: "Modules", write: func(*infoReport) {}}, // there are none
	{name: "Commandstats", optional: true, write: (*infoReport).commandstats},
	{name: "Errorstats", write: (*infoReport).errorstats},
	{name: "Latencystats", optional: true, write: (*infoReport).latencystats},
	{name: "Cluster", write: func(r *infoReport) { r.fields("cluster_enabled", 0) }},
	{name: "Keyspace", write: (*infoReport).keyspace},
}

// wanted reports whether the words behind INFO ask for the section.
func (s *infoSection) wanted(words proto.Args) bool {
	return (len(words) == 0 && !s.optional) || slices.ContainsFunc(words, func(word []byte) bool {
		return proto.EqualFold(word, strings.ToLower(s.name)) || proto.EqualFold(word, "all") ||
			proto.EqualFold(word, "everything") || (!s.optional && proto.EqualFold(word, "default"))
	})
}

func infoCommand(c *actor.Call) error {
	r := infoReport{call: c, facts: c.Facts(), figures: c.Figures()}
	r.mem = measureMemory(c, r.figures, &r.facts)
	for i := range infoSections {
		s := &infoSections[i]
		if !s.wanted(c.Args[1:]) {
			continue
		}
		if r.text.Len() > 0 {
			r.text.WriteString("\r\n")
		}
		r.text.WriteString("# " + s.name + "\r\n")
		s.write(&r)
	}
	c.Reply.Verbatim("txt", r.text.String())
	return nil
}

// infoReport is INFO's text under way. Every value in it is true of this server: what a field counts and we do not
// have is 0 or off, and fields that could only be made up are left out.
type infoReport struct {
	text    strings.Builder
	call    *actor.Call
	facts   actor.Facts
	figures *actor.Figures
	mem     memoryFigures
}

// fields writes lines of name:value from name, value, name, value …
func (r *infoReport) fields(pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&r.text, "%v:%v\r\n", pairs[i], pairs[i+1])
	}
}

// setting returns the value of one parameter.
func (r *infoReport) setting(name string) string {
	if found := r.call.Settings().Match([][]byte{[]byte(name)}); len(found) > 1 {
		return found[1]
	}
	return ""
}
