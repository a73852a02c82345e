package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// row is one setting: a field of Values and what its tags say, or a constant.
type row struct {
	field    int    // its place in Values
	name     string // its name in Values
	env      string // with Prefix; empty if the environment does not set it
	param    string // empty if CONFIG does not show it
	initial  string // the default as the tag spells it
	help     string
	mutable  bool
	fixed    bool
	reason   string // why it is fixed
	kind     value  // what a constant, which has no field, is read as
	refusal  error  // of CONFIG SET, of what is not mutable
	alias    bool   // another row of the same field has the name of today
	bounded  bool
	min, max int64
	words    []string
}

// table has the rows in the order of the fields, which is the order in which
// people see them; behind them those for older names, and the constants.
var table = newTable()

func newTable() []*row {
	var rows []*row
	var older []*row
	for field := range reflect.TypeFor[Values]().Fields() {
		r := newRow(field)
		rows = append(rows, r)
		if name := field.Tag.Get("alias"); name != "" {
			same := *r
			same.param, same.env, same.help, same.alias = name, "", "", true
			older = append(older, &same)
		}
	}
	return slices.Concat(rows, older, constantRows())
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
		refusal: errImmutable,
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

// of returns the setting's field in v, or a copy of what a constant is.
func (r *row) of(v *Values) value {
	if r.kind == nil {
		return reflect.ValueOf(v).Elem().Field(r.field).Addr().Interface().(value)
	}
	constant := reflect.New(reflect.TypeOf(r.kind).Elem()).Interface().(value)
	if err := constant.UnmarshalText([]byte(r.initial)); err != nil {
		panic(fmt.Sprintf("config: %s: %v", r.param, err)) // a mistake in this package
	}
	return constant
}

// text returns the setting as CONFIG GET answers it, a secret too.
func (r *row) text(v *Values) string { return textOf(r.of(v)) }

func textOf(field value) string {
	if secret, ok := field.(*Secret); ok {
		return string(*secret)
	}
	return field.String()
}

func (r *row) secret() bool {
	_, ok := r.of(new(Values)).(*Secret)
	return ok
}

// set changes the setting in v to what text says, or says in Redis' words what
// is wrong with it; v may be changed even so.
func (r *row) set(v *Values, text string) error {
	field := r.of(v)
	before := textOf(field)
	if err := field.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	if err := r.checkField(field); err != nil {
		return err
	}
	if r.fixed && textOf(field) != before {
		return fmt.Errorf("only '%s' is supported in this release: %s", before, r.reason)
	}
	return nil
}

// check holds the setting in v to the row's range or words, and gives a word
// the row's spelling.
func (r *row) check(v *Values) error { return r.checkField(r.of(v)) }

func (r *row) checkField(field value) error {
	switch field := field.(type) {
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
