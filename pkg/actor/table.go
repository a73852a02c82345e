package actor

import (
	"bytes"
	"fmt"
	"slices"

	"snakecache/pkg/proto"
)

// Table is the immutable set of commands. Any goroutine may read it.
type Table struct {
	byName   map[string]*Command
	commands []*Command // by ID: every command, container and subcommand
}

// NewTable joins families of rows. It refuses rows that contradict themselves or each other.
func NewTable(families ...[]Command) (*Table, error) {
	t := &Table{byName: map[string]*Command{}}
	for _, family := range families {
		for i := range family {
			row := family[i]
			if t.byName[row.Name] != nil {
				return nil, fmt.Errorf("command %q has two rows", row.Name)
			}
			if err := t.add(&row, nil); err != nil {
				return nil, err
			}
			t.byName[row.Name] = &row
		}
	}
	return t, nil
}

// add numbers a row and its subcommands.
func (t *Table) add(c, parent *Command) error {
	c.parent, c.id = parent, len(t.commands)
	if err := c.check(); err != nil {
		return fmt.Errorf("command %q: %w", c.FullName(), err)
	}
	if _, _, _, movable := c.KeyRange(); movable {
		c.Flags |= MovableKeys
	}
	t.commands = append(t.commands, c)
	c.Subs = slices.Clone(c.Subs)
	c.subs = make(map[string]*Command, len(c.Subs))
	for i := range c.Subs {
		sub := &c.Subs[i]
		if c.subs[sub.Name] != nil {
			return fmt.Errorf("command %q has two rows", sub.FullName())
		}
		if err := t.add(sub, c); err != nil {
			return err
		}
		c.subs[sub.Name] = sub
	}
	return nil
}

// check refuses a row that cannot be meant.
func (c *Command) check() error {
	switch {
	case c.Name == "" || !slices.Equal(lower([]byte(c.Name)), []byte(c.Name)):
		return fmt.Errorf("the name must be lower case")
	case c.Arity == 0:
		return fmt.Errorf("no arity")
	case c.Run == nil && len(c.Subs) == 0:
		return fmt.Errorf("no handler")
	case c.Is(Write | ReadOnly):
		return fmt.Errorf("both write and readonly")
	case c.Is(DenyOOM) && !c.Is(Write):
		return fmt.Errorf("denyoom without write")
	case c.Summary == "" || c.Group == "" || c.Since == "":
		return fmt.Errorf("summary, group or since is missing")
	}
	for i := range c.Keys {
		if err := c.Keys[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// Commands returns every command, container and subcommand; Commands()[i].ID() is i.
func (t *Table) Commands() []*Command { return t.commands }

// Top returns the commands that are no subcommands, in the order of their rows.
func (t *Table) Top() []*Command {
	return slices.DeleteFunc(slices.Clone(t.commands), func(c *Command) bool { return c.parent != nil })
}

// maxNameLen is more than any command's name has; a longer word is no command.
const maxNameLen = 32

// Lookup finds what a request asks for: the command, or the subcommand where the name is a container's and the
// second word is known. It returns nil for an unknown name, and the container itself for an unknown or missing
// second word, which the gate then refuses. It does not allocate.
func (t *Table) Lookup(args proto.Args) *Command {
	var buf [maxNameLen]byte
	c := t.byName[string(lowerInto(buf[:], args[0]))]
	if c == nil || c.Subs == nil || len(args) < 2 {
		return c
	}
	if sub := c.subs[string(lowerInto(buf[:], args[1]))]; sub != nil {
		return sub
	}
	return c
}

// LookupNext is Lookup for a request that follows another one in a pipeline, where mostly the same command comes again.
func (t *Table) LookupNext(last *Request, args proto.Args) *Command {
	if c := last.Command; c != nil && c.parent == nil && c.Subs == nil && bytes.Equal(last.Args[0], args[0]) {
		return c
	}
	return t.Lookup(args)
}

// Find returns the command with this full name in any case, "get" or "config|get", or nil.
func (t *Table) Find(name []byte) *Command {
	text := string(lower(name))
	for i, r := range text {
		if r == '|' {
			if c := t.byName[text[:i]]; c != nil {
				return c.subs[text[i+1:]]
			}
			return nil
		}
	}
	return t.byName[text]
}

// lowerInto writes name in lower case into buf and returns it, or nothing if it is too long.
func lowerInto(buf, name []byte) []byte {
	if len(name) > len(buf) {
		return nil
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return buf[:len(name)]
}

func lower(name []byte) []byte { return lowerInto(make([]byte, len(name)), name) }
