package server

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

var operations = flag.Int("operations", 4000, "how many operations TestLinearizable makes")

// both runs a test against a real Redis, which shows that the test is right, and against a server of ours.
func both(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Run("redis", func(t *testing.T) { test(t, &rig{t: t, addr: redistest.Listen(t)}) }) // can only be dialed
	t.Run("snakecached", func(t *testing.T) { test(t, start(t)) })
}

// register is a key as the model knows it: a string, a list joined by commas, or absent. A list that is empty is absent.
type register struct {
	exists bool
	value  string
}

// step is one operation on a key and what came of it.
type step struct {
	key  string
	name string
	arg  string
}

// result is what a step said. For a read it is the value that was there.
type result struct {
	register
	n int64
}

// model says of every step, given what the key holds, whether its result is possible and what the key holds then.
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := map[string][]porcupine.Operation{}
		for _, op := range history {
			key := op.Input.(step).key
			byKey[key] = append(byKey[key], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byKey {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return register{} },
	Step: func(state, input, output any) (bool, any) {
		return take(state.(register), input.(step), output.(result))
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
}

// take runs a step of the model.
func take(was register, s step, r result) (possible bool, now register) {
	number := func(add int64) register {
		n, _ := strconv.ParseInt(was.value, 10, 64)
		return register{true, strconv.FormatInt(n+add, 10)}
	}
	switch s.name {
	case "GET":
		return r.register == was, was
	case "GETDEL":
		return r.register == was, register{}
	case "SET":
		return true, register{true, s.arg}
	case "SETNX":
		if was.exists {
			return r.n == 0, was
		}
		return r.n == 1, register{true, s.arg}
	case "GETSET":
		return r.register == was, register{true, s.arg}
	case "INCR":
		now = number(1)
		return now.value == r.value, now
	case "INCR INCR": // in a transaction; the second result counts
		now = number(2)
		return now.value == r.value, now
	case "CAS": // a value that was read under WATCH has been replaced
		return r.register == was, register{true, s.arg}
	case "RPUSH":
		now = register{true, strings.TrimPrefix(was.value+","+s.arg, ",")}
		return int64(strings.Count(now.value, ",")+1) == r.n, now
	case "LPOP", "BLPOP":
		first, rest, more := strings.Cut(was.value, ",")
		return r.register == register{was.exists, first}, register{more, rest}
	}
	return false, was
}

// worker is a client and the history of what it did.
type worker struct {
	*client
	id      int
	begun   time.Time
	random  *rand.Rand
	serial  int
	history []porcupine.Operation
}

// ask sends a request and returns its reply; an error reply is an error.
func (c *client) ask(words ...string) (proto.Value, error) {
	if _, err := c.Write(proto.AppendCommand(nil, words...)); err != nil {
		return proto.Value{}, err
	}
	v, err := c.values.Read()
	if err == nil && v.IsError() {
		err = errors.New(v.Text)
	}
	return v, err
}

// record runs one step and keeps it in the history, unless it says that it came to nothing.
func (w *worker) record(s step, run func() (r result, counts bool, err error)) error {
	call := time.Since(w.begun)
	r, counts, err := run()
	if err != nil {
		return fmt.Errorf("%+v: %w", s, err)
	}
	if counts {
		w.history = append(w.history, porcupine.Operation{
			ClientId: w.id, Input: s, Call: int64(call), Output: r, Return: int64(time.Since(w.begun)),
		})
	}
	return nil
}

// command records a step that is one command.
func (w *worker) command(s step, words ...string) error {
	return w.record(s, func() (result, bool, error) {
		v, err := w.ask(words...)
		r := result{register{!v.Null, v.Text}, v.Int}
		if v.Type == ':' {
			r.value = strconv.FormatInt(v.Int, 10)
		}
		if len(v.Elems) == 2 { // the key and the element, of BLPOP
			r.value = v.Elems[1].Text
		}
		return r, true, err
	})
}

// unique returns a value that nobody else writes, and that can be added to.
func (w *worker) unique() string {
	w.serial++
	return strconv.Itoa((w.serial*100 + w.id) * 1_000_000)
}

// onString does one of the things that can be done with a string.
func (w *worker) onString(key string) error {
	v := w.unique()
	switch w.random.IntN(8) {
	case 0:
		return w.command(step{key, "SET", v}, "SET", key, v)
	case 1:
		return w.command(step{key, "SETNX", v}, "SETNX", key, v)
	case 2:
		return w.command(step{key, "GETSET", v}, "SET", key, v, "GET")
	case 3:
		return w.command(step{key, "GETDEL", ""}, "GETDEL", key)
	case 4:
		return w.command(step{key, "INCR", ""}, "INCR", key)
	case 5:
		return w.record(step{key, "INCR INCR", ""}, func() (result, bool, error) { return w.incrTwice(key) })
	case 6:
		return w.record(step{key, "CAS", v}, func() (result, bool, error) { return w.replace(key, v) })
	default:
		return w.command(step{key, "GET", ""}, "GET", key)
	}
}

// incrTwice counts on by two in a transaction, between whose commands nobody comes.
func (w *worker) incrTwice(key string) (result, bool, error) {
	var v proto.Value
	var err error
	for _, words := range [][]string{{"MULTI"}, {"INCR", key}, {"INCR", key}, {"EXEC"}} {
		if v, err = w.ask(words...); err != nil {
			return result{}, false, err
		}
	}
	if len(v.Elems) != 2 || v.Elems[0].Int+1 != v.Elems[1].Int {
		return result{}, false, fmt.Errorf("somebody came between: %v", v)
	}
	return result{register: register{true, strconv.FormatInt(v.Elems[1].Int, 10)}}, true, nil
}

// replace reads a value and replaces it, if nobody changed it meanwhile; if somebody did, that is no step.
func (w *worker) replace(key, by string) (result, bool, error) {
	var old, v proto.Value
	var err error
	for _, words := range [][]string{{"WATCH", key}, {"GET", key}, {"MULTI"}, {"SET", key, by}, {"EXEC"}} {
		if v, err = w.ask(words...); err != nil {
			return result{}, false, err
		}
		if words[0] == "GET" {
			old = v
		}
	}
	return result{register: register{!old.Null, old.Text}}, !v.Null, nil
}

// onList pushes and then pops, or waits to pop. As everybody pushes before popping, there is an element for all who wait.
func (w *worker) onList(key string) error {
	v := w.unique()
	if err := w.command(step{key, "RPUSH", v}, "RPUSH", key, v); err != nil {
		return err
	}
	if w.random.IntN(2) == 0 {
		return w.command(step{key, "LPOP", ""}, "LPOP", key)
	}
	return w.command(step{key, "BLPOP", ""}, "BLPOP", key, "0")
}

// What many clients see of a key agrees with some order of their operations, in which each took place between its request
// and its reply.
func TestLinearizable(t *testing.T) {
	t.Run("strings", func(t *testing.T) {
		both(t, func(t *testing.T, r *rig) { checkLinearizable(t, r, 16, (*worker).onString) })
	})
	t.Run("lists", func(t *testing.T) { // few at a key, as the orders in which n can push are n! different lists
		both(t, func(t *testing.T, r *rig) { checkLinearizable(t, r, 4, (*worker).onList) })
	})
}

// checkLinearizable runs clients in groups. Those of a group have the same keys in the same order, a few operations on each,
// so that they are mostly at one and the same.
func checkLinearizable(t *testing.T, r *rig, group int, onKey func(*worker, string) error) {
	const clients, perKey = 16, 20
	begun := time.Now()
	var all sync.WaitGroup
	var workers [clients]*worker
	for i := range workers {
		w := &worker{client: r.dial(), id: i, begun: begun, random: rand.New(rand.NewPCG(uint64(i), 7))}
		workers[i] = w
		w.SetDeadline(time.Now().Add(time.Hour))
		all.Go(func() {
			for n := range *operations / clients {
				if err := onKey(w, fmt.Sprintf("key:%d:%d", i/group, n/perKey)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	var history []porcupine.Operation
	for _, w := range workers {
		history = append(history, w.history...)
	}
	if len(history) < *operations/2 && !t.Failed() {
		t.Errorf("only %d operations were made", len(history))
	}
	if !porcupine.CheckOperations(model, history) {
		t.Errorf("%d operations are not linearizable", len(history))
	}
}

// The model itself, on histories that are impossible and some that are not.
func TestLinearizableNotices(t *testing.T) {
	op := func(call, back int64, name, arg string, r result) porcupine.Operation {
		return porcupine.Operation{Input: step{"k", name, arg}, Call: call, Return: back, Output: r}
	}
	read := func(value string) result { return result{register: register{value != "", value}} }
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    bool
	}{
		"a read of what was written": {[]porcupine.Operation{op(0, 1, "SET", "1", result{}), op(2, 3, "GET", "", read("1"))}, true},
		"a read of old data":         {[]porcupine.Operation{op(0, 1, "SET", "1", result{}), op(2, 3, "GET", "", read(""))}, false},
		"one that overlaps":          {[]porcupine.Operation{op(0, 4, "SET", "1", result{}), op(2, 3, "GET", "", read(""))}, true},
		"a lost INCR":                {[]porcupine.Operation{op(0, 9, "INCR", "", read("1")), op(0, 9, "INCR", "", read("1"))}, false},
		"two that were replaced":     {[]porcupine.Operation{op(0, 9, "CAS", "a", read("")), op(0, 9, "CAS", "b", read(""))}, false},
		"one that was":               {[]porcupine.Operation{op(0, 9, "CAS", "a", read("")), op(0, 9, "CAS", "b", read("a"))}, true},
		"an element taken twice": {[]porcupine.Operation{op(0, 1, "RPUSH", "x", result{n: 1}), op(2, 3, "LPOP", "", read("x")),
			op(2, 3, "BLPOP", "", read("x"))}, false},
		"the wrong end": {[]porcupine.Operation{op(0, 1, "RPUSH", "x", result{n: 1}), op(2, 3, "RPUSH", "y", result{n: 2}),
			op(4, 5, "LPOP", "", read("y"))}, false},
	} {
		if got := porcupine.CheckOperations(model, c.history); got != c.want {
			t.Errorf("%s: linearizable is %v", name, got)
		}
	}
}
