package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// row is one setting: a field of Values and what its tags say.
type row struct {
	field    int    // its place in Values
	name     string // its name in Values
	env      string // with Prefix; empty if the environment does not set it
	param    string // empty if CONFIG does not show it
	initial  string // the default as the tag spells it
	help     string
	mutable  bool
	fixed    bool
	bounded  bool
	min, max int64
	words    []string
}

// table has the rows in the order of the fields, which is the order in which
// people see them.
var table = newTable()

func newTable() []*row {
	var rows []*row
	for field := range reflect.TypeFor[Values]().Fields() {
		rows = append(rows, newRow(field))
	}
	return rows
}

func newRow(field reflect.StructField) *row {
	tag := field.Tag
	r := &row{
		field:   field.Index[0],
		name:    field.Name,
		param:   tag.Get("param"),
		initial: tag.Get("envDefault"),
		help:    tag.Get("help"),
		mutable: tag.Get("set") != "",
		fixed:   tag.Get("set") == "fixed",
		words:   strings.Fields(tag.Get("words")),
	}
	if env, _, _ := strings.Cut(tag.Get("env"), ","); env != "" {
		r.env = Prefix + env
	}
	if _, r.bounded = tag.Lookup("max"); r.bounded {
		r.min, r.max = bound(tag, "min"), bound(tag, "max")
	}
	return r
}

// bound panics on a tag that is no number: that is a mistake in this package.
func bound(tag reflect.StructTag, key string) int64 {
	n, err := strconv.ParseInt(tag.Get(key), 10, 64)
	if err != nil {
		panic(fmt.Sprintf("config: %s: %v", tag, err))
	}
	return n
}

// lookup finds the row of a parameter, in any case as Redis does, or nil.
func lookup(param string) *row {
	for _, r := range table {
		if r.param != "" && strings.EqualFold(r.param, param) {
			return r
		}
	}
	return nil
}

// of returns the setting's field in v.
func (r *row) of(v *Values) value {
	return reflect.ValueOf(v).Elem().Field(r.field).Addr().Interface().(value)
}

// text returns the setting as CONFIG GET answers it, a secret too.
func (r *row) text(v *Values) string {
	if secret, ok := r.of(v).(*Secret); ok {
		return string(*secret)
	}
	return r.of(v).String()
}

func (r *row) secret() bool {
	_, ok := r.of(new(Values)).(*Secret)
	return ok
}

// set changes the setting in v to what text says, or says in Redis' words what
// is wrong with it; v may be changed even so.
func (r *row) set(v *Values, text string) error {
	before := r.text(v)
	if err := r.of(v).UnmarshalText([]byte(text)); err != nil {
		return err
	}
	if r.fixed && r.text(v) != before {
		return fmt.Errorf("only '%s' is supported in this release", before)
	}
	return r.check(v)
}

// check holds the setting in v to the row's range or words, and gives a word
// the row's spelling.
func (r *row) check(v *Values) error {
	switch field := r.of(v).(type) {
	case number:
		if r.bounded && !field.within(r.min, r.max) {
			return fmt.Errorf("argument must be between %d and %d inclusive", r.min, r.max)
		}
	case *Word:
		i := slices.IndexFunc(r.words, func(word string) bool { return strings.EqualFold(word, string(*field)) })
		if i < 0 {
			return fmt.Errorf("argument(s) must be one of the following: %s", strings.Join(r.words, ", "))
		}
		*field = Word(r.words[i])
	}
	return nil
}

// expects completes "must be" for those who set the environment.
func (r *row) expects() string {
	kind := r.of(new(Values)).expects()
	switch {
	case r.bounded:
		return fmt.Sprintf("%s from %d to %d", kind, r.min, r.max)
	case len(r.words) > 0:
		return kind + " " + strings.Join(r.words, ", ")
	default:
		return kind
	}
}
