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

// replyCommandDocs writes a command's name and the map that documents it, in which there is nothing of its history.
func replyCommandDocs(r *proto.Reply, cmd *actor.Command) {
	arguments, flags := parseSyntax(cmd), docFlags(cmd)
	r.BulkString(cmd.FullName())
	r.Map(4 + oneIf(len(flags) > 0) + 2*oneIf(cmd.Deprecated != "") + oneIf(len(arguments) > 0) + oneIf(len(cmd.Subs) > 0))
	for _, pair := range [][2]string{
		{"summary", cmd.Summary}, {"since", cmd.Since}, {"group", cmd.Group}, {"complexity", cmd.Complexity},
	} {
		replyPair(r, pair[0], pair[1])
	}
	if len(flags) > 0 {
		r.BulkString("doc_flags")
		replyStatuses(r, flags)
	}
	if cmd.Deprecated != "" {
		replyPair(r, "deprecated_since", cmd.Deprecated)
		replyPair(r, "replaced_by", cmd.Instead)
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

func replyPair(r *proto.Reply, name, text string) {
	r.BulkString(name)
	r.BulkString(text)
}

func docFlags(cmd *actor.Command) (flags []string) {
	if cmd.Deprecated != "" {
		flags = append(flags, "deprecated")
	}
	if cmd.Internal {
		flags = append(flags, "syscmd")
	}
	return flags
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
