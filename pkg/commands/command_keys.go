package commands

import (
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// replyKeySpec writes one key specification: where the search for keys begins, and which they are from there.
func replyKeySpec(r *proto.Reply, spec *actor.KeySpec) {
	if spec.Notes == "" {
		r.Map(3)
	} else {
		r.Map(4)
		r.BulkString("notes")
		r.BulkString(spec.Notes)
	}
	r.BulkString("flags")
	replyStatuses(r, spec.Use.Names())
	r.BulkString("begin_search")
	replyBeginSearch(r, spec)
	r.BulkString("find_keys")
	replyFindKeys(r, spec)
}

func replyBeginSearch(r *proto.Reply, spec *actor.KeySpec) {
	switch {
	case spec.Find != nil:
		replySearchType(r, "unknown", 0)
	case spec.Keyword != "":
		replySearchType(r, "keyword", 2)
		r.BulkString("keyword")
		r.BulkString(strings.ToUpper(spec.Keyword))
		r.BulkString("startfrom")
		r.Count(spec.First)
	default:
		replySearchType(r, "index", 1)
		r.BulkString("index")
		r.Count(spec.First)
	}
}

// replyFindKeys writes a range, whose end counts from its beginning unless it is negative, or where a number of keys
// is.
func replyFindKeys(r *proto.Reply, spec *actor.KeySpec) {
	switch {
	case spec.Find != nil:
		replySearchType(r, "unknown", 0)
		return
	case spec.Counted:
		replySearchType(r, "keynum", 3)
		r.BulkString("keynumidx")
		r.Count(0)
		r.BulkString("firstkey")
		r.Count(1)
		r.BulkString("keystep")
		r.Count(spec.Step)
		return
	}
	last := spec.Last
	if last >= 0 && spec.Keyword == "" {
		last -= spec.First
	}
	replySearchType(r, "range", 3)
	r.BulkString("lastkey")
	r.Count(last)
	r.BulkString("keystep")
	r.Count(spec.Step)
	r.BulkString("limit")
	r.Count(spec.Share)
}

// replySearchType begins the two pairs of a step of the search, of which the second has n pairs to come.
func replySearchType(r *proto.Reply, kind string, n int) {
	r.Map(2)
	r.BulkString("type")
	r.BulkString(kind)
	r.BulkString("spec")
	r.Map(n)
}
