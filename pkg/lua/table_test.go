package lua

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTableAgreesWithModel does the same to a table and to a Go map.
func TestTableAgreesWithModel(t *testing.T) {
	keys := rapid.OneOf(
		rapid.Map(rapid.IntRange(-3, 40), Int),
		rapid.Map(rapid.StringN(0, 40, 60), String),
		rapid.SampledFrom([]Value{True, False, Null, Number(0.5), Number(1e300)}),
	)
	rapid.Check(t, func(t *rapid.T) {
		s := New(DefaultLimits)
		table, model := s.NewTable(rapid.IntRange(0, 4).Draw(t, "elements"), rapid.IntRange(0, 4).Draw(t, "fields")), map[string]Value{}
		name := func(k Value) string {
			text, _ := k.AsString()
			return k.Kind().String() + text + map[bool]string{true: "t"}[k == True]
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k, v := keys.Draw(t, "key"), Int(rapid.Int().Draw(t, "value"))
				table.Set(s, k, v)
				model[name(k)] = v
			},
			"clear": func(t *rapid.T) {
				k := keys.Draw(t, "key")
				table.Set(s, k, Nil)
				delete(model, name(k))
			},
			"": func(t *rapid.T) {
				count := 0
				table.All(func(k, v Value) bool {
					if count++; model[name(k)] != v || table.Get(k) != v {
						t.Fatalf("%v is %v", name(k), v)
					}
					return true
				})
				if count != len(model) {
					t.Fatalf("%d of %d keys", count, len(model))
				}
				if n := table.Len(); n > 0 && table.GetInt(n).IsNil() || !table.GetInt(n+1).IsNil() {
					t.Fatalf("%d is no border", n)
				}
			},
		})
	})
}
