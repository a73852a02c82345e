package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// commandDocsCommand leaves out names that it does not know.
func commandDocsCommand(c *actor.Call) error {
	asked := c.Table().Top()
	if names := c.Args[2:]; len(names) > 0 {
		asked = nil
		for _, name := range names {
			if cmd := c.Table().Find(name); cmd != nil {
				asked = append(asked, cmd)
			}
		}
	}
	c.Reply.Map(len(asked))
	for _, cmd := range asked {
		replyCommandDocs(c.Reply, cmd)
	}
	return nil
}

// replyCommandDocs writes a command's name and the map that documents it.
func replyCommandDocs(r *proto.Reply, cmd *actor.Command) {
	texts := [][2]string{
		{"summary", cmd.Summary}, {"since", cmd.Since}, {"group", cmd.Group}, {"complexity", cmd.Complexity},
	}
	if cmd.Complexity == "" {
		texts = texts[:3]
	}
	arguments := parseSyntax(cmd)
	r.BulkString(cmd.FullName())
	r.Map(len(texts) + oneIf(len(arguments) > 0) + oneIf(len(cmd.Subs) > 0))
	for _, pair := range texts {
		r.BulkString(pair[0])
		r.BulkString(pair[1])
	}
	if len(arguments) > 0 {
		r.BulkString("arguments")
		replyArguments(r, arguments)
	}
	if len(cmd.Subs) > 0 {
		r.BulkString("subcommands")
		r.Map(len(cmd.Subs))
		for i := range cmd.Subs {
			replyCommandDocs(r, &cmd.Subs[i])
		}
	}
}

func replyArguments(r *proto.Reply, arguments []argument) {
	r.Array(len(arguments))
	for i := range arguments {
		replyArgument(r, &arguments[i])
	}
}

func replyArgument(r *proto.Reply, a *argument) {
	flags := a.flags()
	isKey := a.kind == kindKey || a.keySpec > 0
	r.Map(2 + oneIf(isKey) + oneIf(a.token != "") + oneIf(len(flags) > 0) + oneIf(len(a.parts) > 0))
	r.BulkString("name")
	r.BulkString(a.name)
	r.BulkString("type")
	r.BulkString(a.kind)
	if isKey {
		r.BulkString("key_spec_index")
		r.Count(a.keySpec)
	}
	if a.token != "" {
		r.BulkString("token")
		r.BulkString(a.token)
	}
	if len(flags) > 0 {
		r.BulkString("flags")
		replyStatuses(r, flags)
	}
	if len(a.parts) > 0 {
		r.BulkString("arguments")
		replyArguments(r, a.parts)
	}
}

// oneIf counts a pair of a map that is there only sometimes.
func oneIf(there bool) int {
	if there {
		return 1
	}
	return 0
}
